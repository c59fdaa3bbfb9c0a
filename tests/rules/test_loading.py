"""Mistakes in the programme's files: each is found when they are loaded, with file, line and what would be right."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from rules.faults import Fault, ProgrammeError
from rules.loading import RULE_SETS, SHIPPED, load_programme
from rules.reading import digest, read, read_text
from tests.rules.conftest import faults_of, one_rule


def edit(file: Path, old: str, new: str) -> int:
    """Replaces the first `old`; the line where it stood."""
    before, found, after = file.read_text(encoding="utf-8").partition(old)
    assert found, f"{old!r} is not in {file.name}"
    file.write_text(before + new + after, encoding="utf-8")
    return before.count("\n") + 1


def line_of(file: Path, text: str) -> int:
    return next(n for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def test_a_copy_of_the_shipped_programme_loads_and_has_its_version(folder: Path) -> None:
    assert load_programme(folder).version == load_programme().version


def test_a_comment_changes_no_version_and_a_value_does(folder: Path) -> None:
    before = load_programme(folder)
    edit(folder / "limits.yaml", "submitted_business_days:", "# a remark\nsubmitted_business_days:")
    assert load_programme(folder).version == before.version
    edit(folder / "limits.yaml", "value: 5", "value: 6")
    after = load_programme(folder)
    assert after.version != before.version
    assert after.rule_sets["submission"].version != before.rule_sets["submission"].version


def test_a_change_of_one_rule_set_leaves_the_version_of_another(folder: Path) -> None:
    before = load_programme(folder).rule_sets
    edit(folder / "dispute.yaml", "May be disputed", "Can be disputed")
    after = load_programme(folder).rule_sets
    assert after["dispute"].version != before["dispute"].version
    assert after["submission"].version == before["submission"].version


def test_a_new_rule_set_is_a_new_file_and_nothing_else(folder: Path) -> None:
    (folder / "trial.yaml").write_text(one_rule("{all: [{name: official, operator: is_true}]}"), encoding="utf-8")
    assert [rule.id for rule in load_programme(folder).rule_sets["trial"].rules] == ["only"]


def test_a_new_product_and_a_new_limit_can_be_used_at_once(folder: Path) -> None:
    edit(
        folder / "catalogue.yaml", "products:\n", "products:\n  - {id: loop, name: Loop, solution_area: modern-work}\n"
    )
    limits = folder / "limits.yaml"
    more = "\npatience_calendar_days: {value: 3, unit: calendar days, meaning: Patience., source: test}\n"
    limits.write_text(limits.read_text(encoding="utf-8") + more, encoding="utf-8")
    conditions = """{all: [{name: products, operator: contains, value: loop},
                           {name: approved_on, operator: older_than_days, value: {limit: patience_calendar_days}}]}"""
    (folder / "trial.yaml").write_text(one_rule(conditions), encoding="utf-8")
    assert faults_of(folder) == ()


CATALOGUE, LIMITS, REASONS, SUBMISSION = "catalogue.yaml", "limits.yaml", "reasons.yaml", "submission.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (CATALOGUE, "solution_area: business-applications", "solution_area: busines-applications", "Did you mean “bus"),
        (CATALOGUE, "engagement: modern-work-usage", "engagement: modern-work", "Did you mean “modern-work-usage”?"),
        (CATALOGUE, "{id: exchange, name: Exchange,", "{id: intune, name: Exchange,", "“intune” stands here twice"),
        (CATALOGUE, "{id: exchange, name: Exchange,", "{id: exchange, name: Intune,", "“Intune” stands here twice"),
        (CATALOGUE, "name: Exchange, solution_area: modern-work", "name: Exchange, solution_area: modern", "“modern”"),
        (CATALOGUE, "pays: true", "pays: yes", "must be true or false"),
        (CATALOGUE, "pays: true", "payes: true", "Did you mean “pays”?"),
        (CATALOGUE, "needs: [subscription_id]", "needs: [subscription]", "'subscription_id'"),
        (CATALOGUE, "id: use-or-consume", "id: Use or consume", "small letters"),
        (CATALOGUE, "claim_level: workload", "claim_level: seat", "'workload' or 'subscription'"),
        (LIMITS, "value: 5", "value: five", "must be a whole number"),
        (LIMITS, "value: 5", 'value: "5"', "must be a whole number"),
        (LIMITS, "value: 5", "value: -5", "greater than or equal to 0"),
        (LIMITS, "unit: business days", "unit: calendar days", "must end in “calendar_days”"),
        (LIMITS, "max_file_megabytes:", "max_file_megabyte:", "Did you mean “max_file_megabytes”?"),
        (LIMITS, "extensions: [png]", "extensions: [pdf]", "The ending “pdf” stands here twice."),
        (
            LIMITS,
            "closing_days: []",
            "closing_days: [{date: 24.12.2026, name: x}]",
            "must be a date such as 2026-12-24",
        ),
        (REASONS, "id: missing-or-old-dates", "id: missing-all-poe", "“missing-all-poe” stands here twice"),
        (REASONS, "given_by: clock", "given_by: nobody", "'clock'"),
        (SUBMISSION, "field: mpn", "field: mnp", "Did you mean “mpn”?"),
        (SUBMISSION, "id: location-enrolled", "id: location", "The id “location” stands here twice."),
        (SUBMISSION, "field: mpn", "feld: mpn", "no key “feld”"),
        (SUBMISSION, "name: claim_name,", "name: claim_nam,", "Did you mean “claim_name”?"),
        (
            SUBMISSION,
            "{limit: max_files_per_claim}",
            "{limit: max_file_per_claim}",
            "Did you mean “max_files_per_claim”?",
        ),
        (SUBMISSION, "id: submission", "id: submit", "must stand in a file “submit.yaml”"),
        (SUBMISSION, "“{customer_domain}” is", "“{customer_domian}” is", "Did you mean “customer_domain”?"),
    ],
)
def test_a_mistake_is_found_at_its_line(folder: Path, file: str, old: str, new: str, message: str) -> None:
    line = edit(folder / file, old, new)
    faults = faults_of(folder)
    assert [(fault.file, fault.line) for fault in faults if message in fault.message] == [(file, line)], faults


def test_a_reason_that_claimbot_gives_itself_cannot_be_renamed(folder: Path) -> None:
    edit(folder / REASONS, "id: no-partner-response", "id: no-answer")
    (fault,) = faults_of(folder)
    assert "no reason “no-partner-response”" in fault.message
    assert fault.line == line_of(folder / REASONS, "rejection:")


def test_a_missing_key_is_reported_at_the_entry_that_lacks_it(folder: Path) -> None:
    file = folder / CATALOGUE
    edit(file, "    claim_level: workload\n", "")
    assert faults_of(folder) == (Fault(CATALOGUE, line_of(file, "id: use-or-consume"), "“claim_level” is missing."),)


def test_every_fault_of_every_file_is_reported_at_once_and_in_order(folder: Path) -> None:
    edit(folder / SUBMISSION, "field: mpn", "field: mnp")
    edit(folder / SUBMISSION, "operator: is_guid", "operator: is_giud")
    edit(folder / "dispute.yaml", "operator: at_least", "operator: at_lest")
    faults = faults_of(folder)
    assert [fault.file for fault in faults] == ["dispute.yaml", SUBMISSION, SUBMISSION]
    assert faults[1].line < faults[2].line
    with pytest.raises(ProgrammeError, match=r"dispute\.yaml:\d+: .*\nsubmission\.yaml:\d+: "):
        load_programme(folder)


def test_faults_are_told_in_the_order_of_files_and_lines() -> None:
    faults = [Fault("b.yaml", 1, "x"), Fault("a.yaml", 10, "x"), Fault("a.yaml", 9, "x")]
    assert str(ProgrammeError(faults)) == "a.yaml:9: x\na.yaml:10: x\nb.yaml:1: x"


@pytest.mark.parametrize("name", [CATALOGUE, LIMITS, REASONS, *(f"{name}.yaml" for name in RULE_SETS)])
def test_a_file_that_must_be_there_is_missed(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert [(fault.file, fault.line) for fault in faults_of(folder)] == [(name, 0)]


@pytest.mark.parametrize("text", ["", "# nothing\n", "just words\n", "- a list\n"])
def test_a_file_without_named_values_is_a_fault(folder: Path, text: str) -> None:
    (folder / LIMITS).write_text(text, encoding="utf-8")
    assert [fault.message for fault in faults_of(folder)] == ["The file must be a group of named values."]


def test_a_file_that_would_be_overlooked_is_a_fault(folder: Path) -> None:
    (folder / "trial.yml").write_text("", encoding="utf-8")
    assert [fault.file for fault in faults_of(folder)] == ["trial.yml"]


def test_bytes_that_are_no_text_are_a_fault(folder: Path) -> None:
    (folder / LIMITS).write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in faults_of(folder)[0].message


def test_a_folder_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    assert "no such folder" in faults_of(tmp_path / "nowhere")[0].message


# Conditions and actions of a rule -------------------------------------------------------------------------------

Trial = Callable[..., str]


@pytest.fixture
def trial(folder: Path) -> Trial:
    def messages(conditions: str, **more: str) -> str:
        (folder / "trial.yaml").write_text(one_rule(conditions, **more), encoding="utf-8")
        return "\n".join(fault.message for fault in faults_of(folder) if fault.file == "trial.yaml")

    return messages


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ("{all: []}", "“all” is empty"),
        ("{any: []}", "“any” is empty"),
        ("{not: []}", "“not” is empty"),
        ("{any: [{all: []}]}", "“all” is empty"),
        ("{}", "needs “name” and “operator”"),
        ("{all: {name: mpn, operator: is_empty}}", "“all” must be a list"),
        ("{all: [mpn]}", "A condition must be a group"),
        ("{not: [{name: mpn, operator: is_empty}, {name: mpn, operator: is_empty}]}", "“not” takes one condition"),
        ("{all: [{name: mpn, operator: is_empty}], any: []}", "“all” must stand alone"),
        ("{none: [{name: mpn, operator: is_empty}]}", "There is no key “none”"),
        ("{name: mpn, operator: is_empty, valu: 1}", "Did you mean “value”?"),
        ("{name: mpn}", "needs “operator”"),
        ("{name: mpm, operator: is_empty}", "Did you mean “mpn”?"),
        ("{name: __class__, operator: is_empty}", "no variable “__class__”"),
        ("{name: _role, operator: is_empty}", "no variable “_role”"),
        ("{name: facts, operator: is_empty}", "no variable “facts”"),
        ("{name: get_all_variables, operator: is_empty}", "no variable “get_all_variables”"),
        ("{name: [mpn], operator: is_empty}", "no variable"),
        ("{name: mpn, operator: is_emty}", "Did you mean “is_empty”?"),
        ("{name: mpn, operator: __ne__, value: x}", "no operator of mpn “__ne__”"),
        ("{name: mpn, operator: _assert_valid_value_and_cast, value: x}", "no operator of mpn"),
        ("{name: mpn, operator: matches_regex, value: '(a+)+$'}", "no operator of mpn “matches_regex”"),
        ("{name: mpn, operator: contains_all, value: [a]}", "no operator of mpn “contains_all”"),
        ("{name: mpn, operator: [is_empty]}", "no operator of mpn"),
        ("{name: mpn, operator: is_empty, value: 1}", "takes no value"),
        ("{name: mpn, operator: equal_to}", "takes a text"),
        ("{name: mpn, operator: equal_to, value: 4711001}", "takes a text"),
        ("{name: mpn, operator: equal_to, value: ''}", "takes a text"),
        ("{name: mpn, operator: is_one_of, value: []}", "not an empty one"),
        ("{name: mpn, operator: is_one_of, value: [1]}", "takes a list of texts"),
        ("{name: mpn, operator: equal_to, value: {limit: disputes_per_claim}}", "takes a text"),
        ("{name: disputes, operator: at_least, value: '1'}", "takes a whole number"),
        ("{name: disputes, operator: at_least, value: true}", "takes a whole number"),
        ("{name: disputes, operator: at_least, value: 1.5}", "takes a whole number"),
        ("{name: disputes, operator: at_least, value: .nan}", "takes a whole number"),
        ("{name: disputes, operator: at_least, value: {limit: [1]}}", "There is no limit"),
        ("{name: rejected_on, operator: older_than_days, value: -1}", "takes a number of days"),
        ("{name: rejected_on, operator: on_or_before, value: 2026-02-30}", "takes a date such as"),
        (
            "{name: rejected_on, operator: older_than_days, value: {limit: acknowledgement_max_age_months}}",
            "counted in months, not in calendar days",
        ),
        ("{name: rejected_on, operator: on_or_before, value: 20261224}", "takes a date such as"),
        ("{name: rejected_on, operator: on_or_before, value: '20261224'}", "takes a date such as"),
        ("{name: rejected_on, operator: on_or_before, value: {variable: aproved_on}}", "Did you mean “approved_on”?"),
        ("{name: rejected_on, operator: on_or_before, value: {variable: mpn}}", "no variable of the type day “mpn”"),
        ("{name: rejected_on, operator: on_or_before, value: {variable: _role}}", "no variable of the type day"),
        ("{name: disputes, operator: at_least, value: {variable: mpn}}", "no variable of the type number “mpn”"),
        ("{name: rejected_on, operator: older_than_days, value: {variable: disputes}}", "takes a number of days"),
        ("{name: rejected_on, operator: within_days_of, value: 30}", "takes a number of days and the day"),
        ("{name: rejected_on, operator: within_days_of, value: {days: 30}}", "takes a number of days and the day"),
        ("{name: rejected_on, operator: within_days_of, value: {days: x, of: 2026-12-24}}", "takes a number of days"),
        ("{name: rejected_on, operator: within_days_of, value: {days: 3, of: today}}", "takes a date such as"),
        (
            "{name: rejected_on, operator: within_days_of, value: {days: {limit: disputes_per_claim}, of: 2026-12-24}}",
            "counted in disputes, not in calendar days",
        ),
        ("{name: event, operator: equal_to, value: aproved}", "Did you mean “approved”?"),
        ("{name: asked_reasons, operator: contains, value: missing-product}", "Did you mean “missing-products”?"),
        ("{name: partner_role, operator: equal_to, value: use-or-consumed}", "Did you mean “use-or-consume”?"),
        ("{name: products, operator: contains_any, value: [teams, teems]}", "Did you mean “teams”?"),
        ("{name: status, operator: equal_to, value: Aproved}", "Did you mean “Approved”?"),
        ("{not: " * 9 + "{name: mpn, operator: is_empty}" + "}" * 9, "8 deep at most"),
    ],
)
def test_a_condition_that_says_nothing_or_too_much_is_a_fault(trial: Trial, conditions: str, message: str) -> None:
    assert message in trial(conditions)


def test_a_value_may_be_a_limit_or_another_variable_of_its_type(trial: Trial) -> None:
    for conditions in (
        "{name: rejected_on, operator: on_or_before, value: {variable: approved_on}}",
        "{name: disputes, operator: at_least, value: {variable: proof_count}}",
        "{name: customer_domain, operator: equal_to, value: {variable: customer_contact_email_domain}}",
        "{name: products, operator: contains_any, value: {variable: foreign_products}}",
        "{name: rejected_on, operator: within_days_of, value: {days: 30, of: {variable: approved_on}}}",
        """{name: rejected_on, operator: within_days_of,
            value: {days: {limit: dispute_window_calendar_days}, of: 2026-12-24}}""",
    ):
        assert trial(conditions) == "", conditions


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ("[]", "must not be empty"),
        ("[{name: blok, params: {reason: a, message: b}}]", "Did you mean “block”?"),
        ("[{name: _collect, params: {kind: block}}]", "no action “_collect”"),
        ("[{name: collected}]", "no action “collected”"),
        ("[{name: get_all_actions}]", "no action “get_all_actions”"),
        ("[{name: block, params: {message: b}}]", "“block” needs “reason”"),
        ("[{name: block}]", "“block” needs “message”"),
        ("[{name: warn, params: {message: b, reason: a}}]", "no parameter of warn “reason”"),
        ("[{name: warn, params: {message: ''}}]", "must not be empty"),
        ("[{name: warn, params: {message: 3}}]", "must be text"),
        ("[{name: warn, params: {message: 'so {mpn.__class__} it is'}}]", "no variable or limit to show"),
        ("[{name: warn, params: {message: 'so {} it is'}}]", "no variable or limit to show"),
        ("[{name: warn, params: {message: 'so {official} it is'}}]", "no variable or limit to show"),
        ("[{name: block, params: {reason: Not Good, message: b}}]", "small letters, digits and hyphens"),
        ("[{name: suggest, params: {reason: missing-product, message: b}}]", "Did you mean “missing-products”?"),
        ("[{name: notify, params: {whom: custommer, what: notice}}]", "Did you mean “customer”?"),
        ("[{name: notify, params: {whom: customer, what: notices}}]", "Did you mean “notice”?"),
        ("[{name: notify, params: {whom: partner, what: notice}}]", "no notice to the partner “notice”"),
        ("[{name: eligible, params: {programme: modern-work-usag}}]", "Did you mean “modern-work-usage”?"),
    ],
)
def test_an_action_that_does_not_exist_or_lacks_words_is_a_fault(trial: Trial, actions: str, message: str) -> None:
    assert message in trial("{name: mpn, operator: is_empty}", actions=actions)


# YAML itself ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: [\n", 3, "Not readable as YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "“a” stands here twice"),
        ("a: &x [1]\nb: *x\n", 2, "alias"),
        ("a: &x [*x]\n", 1, "alias"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "tags are not allowed"),
        ("a: !secret x\n", 1, "tags are not allowed"),
        ("[a, b]: 1\n", 1, "a key must be text"),
        ("a:\n" + "[" * 1_000, 2, "nested too deeply"),
        ("a: 1\n---\nb: 2\n", 2, "expected a single document"),
    ],
)
def test_yaml_that_is_not_plain_is_a_fault(text: str, line: int, message: str) -> None:
    with pytest.raises(ProgrammeError) as error:
        read_text("file.yaml", text)
    (fault,) = error.value.faults
    assert (fault.line, message in fault.message) == (line, True), fault


def test_a_machine_without_libyaml_reads_the_same_and_both_say_what_is_wrong_in_the_same_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = "a: 1\nb: @x\n"

    def everything() -> list[object]:
        with pytest.raises(ProgrammeError) as error:
            read_text("wrong.yaml", wrong)
        return [*error.value.faults, *(read(path) for path in sorted(SHIPPED.glob("*.yaml")))]

    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    without = everything()
    monkeypatch.undo()
    assert everything() == without
    assert "found character '@' that cannot start any token" in str(without[0])


def test_only_what_looks_exactly_like_a_number_or_a_truth_is_one() -> None:
    text = 'a: [NO, on, yes, 010, 12:30, 0x1F, 1_000, 1e3, 1.5, 2026-01-01, "5", "true", 5, -5, true, false, ~]'
    words = ["NO", "on", "yes", "010", "12:30", "0x1F", "1_000", "1e3", "1.5", "2026-01-01", "5", "true"]
    assert read_text("file.yaml", text).data == {"a": [*words, 5, -5, True, False, None]}


def test_a_content_hash_sees_types_and_names_but_no_layout() -> None:
    number, text = read_text("a.yaml", "a: 5"), read_text("a.yaml", 'a: "5"')
    assert digest(number) == digest(read_text("a.yaml", "# five\na:   5\n"))
    assert len({digest(number), digest(text), digest(read_text("b.yaml", "a: 5"))}) == 3
