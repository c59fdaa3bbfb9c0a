"""Words to find claims by"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What is kept and what is typed goes through the same functions, so that both are always folded alike.
_FUNCTIONS = (
    # Small letters without accents.
    r"""CREATE FUNCTION search_fold(typed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN translate(
        replace(replace(replace(
            lower(regexp_replace(normalize(typed, NFKD), '[\u0300-\u036f]+', '', 'g')),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
    'łøđı', 'lodi')""",
    # As lists are sorted by it; no index takes a text of any length.
    r"""CREATE FUNCTION sort_text(typed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN left(search_fold(typed), 60)""",
    # The words in it. A GUID is one word, also while it is being typed; a word that no index takes is cut.
    r"""CREATE FUNCTION search_words(typed text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_remove(string_to_array(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    search_fold(coalesce(typed, '')),
                '\m([0-9a-f]{8})-([0-9a-f]{1,4})-?([0-9a-f]{0,4})-?([0-9a-f]{0,4})-?([0-9a-f]{0,12})\M',
                '\1\2\3\4\5', 'g'),
            '[\s!-/\:-@[-`{-~–—‘’“”„«»·•]+', ' ', 'g'),
        '(\S{60})\S+', '\1', 'g'),
    ' '), '')""",
    # As what text search finds; `label` follows each word, such as its weight.
    r"""CREATE FUNCTION search_vector(typed text, label text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CAST(
        regexp_replace(array_to_string(search_words(typed), ' '), '(\S+)', '''\1''' || label, 'g')
    AS tsvector)""",
    # Every word in it, or what begins with it.
    r"""CREATE FUNCTION search_prefix(typed text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CAST(
        regexp_replace(array_to_string(search_words(typed), ' & '), '([^ &]+)', '''\1''\:*', 'g')
    AS tsquery)""",
    # Signs stand before what is no word: see models/queries/searching.py.
    r"""CREATE FUNCTION search_signs(sign text, ids text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CAST(
        regexp_replace(translate(coalesce(ids, ''), '''\', ''), '(\S+)', '''' || sign || '\1''', 'g')
    AS tsvector)""",
    r"""CREATE FUNCTION search_listed(ids varchar[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_string(ids, ' ')""",
)

_NAME = "search_vector(name, '')"
_CLAIM = r"""
search_vector(coalesce(customer_name, '') || ' ' || coalesce(customer_domain, '') || ' '
    || coalesce(customer_tenant_id, ''), '\:1A')
|| search_vector(claim_name || ' ' || mpn || ' ' || coalesce(subscription_id, '') || ' '
    || coalesce(customer_contact_name, '') || ' ' || coalesce(customer_contact_email, '') || ' '
    || coalesce(partner_contact_name, '') || ' ' || coalesce(partner_contact_email, ''), '')
|| search_signs('#', id::text)
|| search_signs('@', coalesce(reviewer_id::text, '') || ' ' || created_by_id::text)
|| search_signs('/', partner_id::text)
|| search_signs('%', mpn)
|| search_signs('+', search_listed(products))
"""


def upgrade() -> None:
    for function in _FUNCTIONS:
        op.execute(function)
    for table, words in {"people": _NAME, "partners": _NAME, "locations": _NAME, "claims": _CLAIM}.items():
        op.add_column(table, sa.Column("words", postgresql.TSVECTOR(), sa.Computed(words, persisted=True)))
    op.create_index("ix_claims_words", "claims", ["words"], postgresql_using="gin")
