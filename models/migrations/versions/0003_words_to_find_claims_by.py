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
    # What lists are sorted by: no index takes a text of any length.
    r"""CREATE FUNCTION sort_text(typed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN left(search_fold(typed), 60)""",
    # The words in it. A GUID is one word, also while it is being typed; what no index takes of a word is cut off.
    r"""CREATE FUNCTION search_words(typed text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    DECLARE
        folded text := search_fold(coalesce(typed, ''));
    BEGIN
        IF folded LIKE '%________-_%' THEN
            folded := regexp_replace(folded,
                '\m([0-9a-f]{8})-([0-9a-f]{1,4})-?([0-9a-f]{0,4})-?([0-9a-f]{0,4})-?([0-9a-f]{0,12})\M', '\1\2\3\4\5', 'g');
        END IF;
        folded := regexp_replace(folded, '[\s!-/\:-@[-`{-~–—‘’“”„«»·•]+', ' ', 'g');
        IF octet_length(folded) > 2000 THEN
            folded := regexp_replace(folded, '(\S{250}\S{250})\S+', '\1', 'g');
        END IF;
        RETURN array_remove(string_to_array(folded, ' '), '');
    END $$""",
    # Each word as text search reads it, with what follows it: a weight, or an asterisk for all that begins with it.
    r"""CREATE FUNCTION search_written(words text[], ending text, sep text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce('''' || nullif(array_to_string(words, '''' || ending || sep || ''''), '') || '''' || ending, '')""",
    r"""CREATE FUNCTION search_vector(typed text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CAST(search_written(search_words(typed), '', ' ') AS tsvector)""",
    r"""CREATE FUNCTION search_prefix(typed text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CAST(search_written(search_words(typed), '\:*', ' & ') AS tsquery)""",
    # The signs are explained in models/queries/searching.py.
    r"""CREATE FUNCTION claim_words(customer text, other text, mpn text, products varchar[], signs text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    BEGIN
        RETURN CAST(concat_ws(' ',
            search_written(search_words(customer), '\:1A', ' '),
            search_written(search_words(other), '', ' '),
            '''%' || translate(mpn, '''\', '') || '''',
            '''+' || nullif(replace(translate(array_to_string(products, chr(1)), '''\', ''), chr(1), ''' ''+'), '') || '''',
            signs) AS tsvector);
    END $$""",
)

_NAME = "search_vector(name)"
_CLAIM = """claim_words(
    coalesce(customer_name, '') || ' ' || coalesce(customer_domain, '')
        || ' ' || replace(coalesce(customer_tenant_id, ''), '-', ''),
    claim_name || ' ' || mpn || ' ' || replace(coalesce(subscription_id, ''), '-', '')
        || ' ' || coalesce(customer_contact_name, '') || ' ' || coalesce(customer_contact_email, '')
        || ' ' || coalesce(partner_contact_name, '') || ' ' || coalesce(partner_contact_email, ''),
    mpn,
    products,
    '#' || id || ' /' || partner_id || ' @' || created_by_id || coalesce(' @' || reviewer_id, '')
)"""


def upgrade() -> None:
    for function in _FUNCTIONS:
        op.execute(function)
    for table, words in {"people": _NAME, "partners": _NAME, "locations": _NAME, "claims": _CLAIM}.items():
        op.add_column(table, sa.Column("words", postgresql.TSVECTOR(), sa.Computed(words, persisted=True)))
    op.create_index("ix_claims_words", "claims", ["words"], postgresql_using="gin")
