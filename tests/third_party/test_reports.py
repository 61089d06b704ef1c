"""What `keyfleet check` prints, read by programs of others: SARIF against its public schema, JUnit by a parser of JUnit files.

Both are compared with the JSON of the same fleet, so that a file that is valid and says something else is found too.
"""

import hashlib
import json
import pathlib
import subprocess

import jsonschema
import junitparser
import pytest

import support

SCHEMA = pathlib.Path(__file__).parent / "schemas" / "sarif-schema-2.1.0.json"
DIGEST = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
REGIONS = ["ap-south-1", "eu-west-1", "us-east-1"]
SEVERITIES = ["low", "medium", "high"]

# What a terminal would obey, what XML forbids, what ends a CDATA section, what turns the direction of reading.
HOSTILE = "=1+1]]>\0\x1b[2J\u202e<b a=\"x\">&amp;|`\r\n\x9b31m\uffff'"
FLEET = f"""
regions = {json.dumps(REGIONS)}
[[accounts]]
id = "111122223333"
name = {json.dumps(HOSTILE)}

[[keys]]
name = "hostile"
description = {json.dumps(HOSTILE)}
primary = "us-east-1"
replicas = ["eu-west-1"]
[keys.members.eu-west-1]
state = "Disabled"

[[keys]]
name = "healthy"
alias = "alias/healthy"
rotation = true
primary = "us-east-1"
replicas = ["eu-west-1"]

[[faults]]
region = "ap-south-1"
kind = "error"
code = "AccessDeniedException"
status = 400
message = {json.dumps(HOSTILE)}
"""


@pytest.fixture
def hostile(tmp_path_factory):
    """A fleet whose every text means harm, and a Region that cannot be read."""
    folder = tmp_path_factory.mktemp("hostile")
    home, fleet = folder / "home", folder / "fleet.toml"
    home.mkdir()
    fleet.write_text(FLEET)
    command = [support.binary(), "emulate", "--listen", "127.0.0.1:0", "--fleet", str(fleet)]
    server = support.Server(command, support.environment(home), folder / "server.log")
    yield ["--endpoint-url", server.url, "--region", ",".join(REGIONS)]
    server.stop()


def check(home, output, flags):
    run = subprocess.run(
        [support.binary(), "check", "--output", output, *flags],
        env=support.environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert run.returncode in (0, 1, 3), f"exit code {run.returncode}\n{run.stderr.decode(errors='replace')}"
    harmless = all(byte == 0x0A or byte >= 0x20 for byte in run.stdout)
    assert harmless, "a control character reached stdout"
    return run.returncode, run.stdout


def findings(home, flags):
    code, printed = check(home, "json", flags)
    report = json.loads(printed)
    assert code == {"pass": 0, "fail": 1, "unknown": 3}[report["verdict"]]
    return code, report


def schema():
    text = SCHEMA.read_bytes()
    assert hashlib.sha256(text).hexdigest() == DIGEST, "the schema is not the one that was published"
    return json.loads(text)


def assert_is_sarif_of(home, flags):
    code, printed = check(home, "sarif", flags)
    document = json.loads(printed)
    validator = jsonschema.Draft4Validator(schema(), format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    errors = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(document)]
    assert not errors, "\n".join(errors)
    expected_code, report = findings(home, flags)
    [run] = document["runs"]
    [invocation] = run["invocations"]
    assert invocation["exitCode"] == code == expected_code
    assert invocation["executionSuccessful"] == report["complete"]
    kinds = {"fail": "fail", "unknown": "open", "pass": "pass"}
    told = [(result["partialFingerprints"]["keyfleetFinding/v1"], result["kind"]) for result in run["results"]]
    assert told == [(finding["id"], kinds[finding["verdict"]]) for finding in report["findings"]]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        [location] = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "keyfleet.toml"


def assert_is_junit_of(home, flags, fail_on="medium"):
    code, printed = check(home, "junit", [*flags, "--fail-on", fail_on])
    document = junitparser.JUnitXml.fromstring(printed)
    cases = [case for suite in document for case in suite]
    results = [type(result) for case in cases for result in case.result]
    came = {kind: results.count(kind) for kind in (junitparser.Failure, junitparser.Error, junitparser.Skipped)}
    counted = (document.tests, document.failures, document.errors, document.skipped)
    assert counted == (len(cases), *came.values())
    assert all(len(suite) > 0 for suite in document), "a suite without a test"
    expected_code, report = findings(home, [*flags, "--fail-on", fail_on])
    deciding = [
        finding["verdict"]
        for finding in report["findings"]
        if finding["verdict"] == "unknown" or finding["severity"] in SEVERITIES[SEVERITIES.index(fail_on) :]
    ]
    assert came[junitparser.Failure] == deciding.count("fail")
    assert came[junitparser.Error] == deciding.count("unknown") + (not report["complete"])
    assert code == expected_code
    assert (code == 0) == (document.failures + document.errors == 0), "red where the exit code is not 0"
    return document


# The demo without its slow Region; one that is denied, and keys that are, are in it.
DEMO = ["--demo", "--region", "us-east-1,us-west-2,eu-west-1,eu-central-1,ap-south-1"]
SOUND = ["--demo", "--region", "us-west-2,eu-central-1,ap-northeast-1"]


@pytest.mark.parametrize("flags", [["--demo"], [*SOUND, "--evidence", "listed", "--all"]])
def test_sarif_is_valid_by_its_public_schema(home, flags):
    assert_is_sarif_of(home, flags)


def test_sarif_of_hostile_text_is_valid_and_holds_it_whole(home, hostile):
    assert_is_sarif_of(home, [*hostile, "--all"])


@pytest.mark.parametrize("flags", [[*DEMO, "--all"], SOUND])
@pytest.mark.parametrize("fail_on", SEVERITIES)
def test_junit_is_read_and_says_what_the_exit_code_says(home, flags, fail_on):
    assert_is_junit_of(home, flags, fail_on)


def test_junit_of_hostile_text_is_read(home, hostile):
    document = assert_is_junit_of(home, [*hostile, "--all"])
    names = "".join(case.name for suite in document for case in suite)
    assert "]]>\\u{0}\\u{1b}" in names, names


def test_a_schema_that_is_checked_refuses_what_is_wrong(home):
    """The validator is no decoration: one wrong word in the document and it says so."""
    document = json.loads(check(home, "sarif", DEMO)[1])
    document["runs"][0]["results"][0]["kind"] = "certain"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(schema()).validate(document)
