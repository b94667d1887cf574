"""Mappings that change under a running server: every source that is a file, in every way in which files are changed."""

import json
import os
import re
import signal

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID

NEWCOMER = {"userarn": keys.UNMAPPED.arn, "username": "newcomer", "groups": ["viewers"]}
ALICE = {"userarn": keys.USER.arn, "username": "alice", "groups": ["developers"]}
RELOADED = r'msg="mapping reloaded"'
KEPT = r'msg="a source of mappings was not reloaded, what it said before stays in use".* source='


def good(key=keys.USER):
    return tokens.by_hand(key, CLUSTER_ID)


def name_of(server, key):
    """The username that a caller gets, None when refused."""
    return server.review(good(key)).user.get("username")


def dynamic(*users, **more):
    return json.dumps({"mapUsers": list(users), **more})


def put(path, text):
    """As most tools write: another file, renamed over the old one."""
    other = path.with_name(path.name + ".new")
    other.write_text(text)
    other.rename(path)


def source_line(server, source):
    answer = server.request("GET", "/readyz?verbose")
    return re.search(rf"^\[\.\]source {source}: (.*)$", answer.body.decode(), re.MULTILINE).group(1)


def state_is(server, source, state):
    return server.metric("arngate_mapping_source_state", source=source, state=state) == 1


class Watched:
    """A daemon with DynamicFile before MountedFile; `change` does something and waits until the log says what came of
    it."""

    def __init__(self, make_server, tmp_path, *users, mapping=None, server=None, where=None):
        self.file = where or tmp_path / "dynamic.json"
        if users:
            put(self.file, dynamic(*users))
        self.settings = {
            "mapping": {"keepCopies": False, **(mapping or {})},
            "server": {
                "backendMode": ["DynamicFile", "MountedFile"],
                "dynamicFilePath": str(self.file),
                **(server or {}),
            },
        }
        self.server = make_server(self.settings)

    def change(self, action, *lines):
        mark = self.server.process.mark()
        action()
        for line in lines or (RELOADED,):
            found = self.server.process.wait_for(line, since=mark)
        return found


@pytest.fixture
def watched(make_server, tmp_path):
    return Watched(make_server, tmp_path, NEWCOMER)


def test_a_file_renamed_over_the_old_one(watched):
    assert name_of(watched.server, keys.UNMAPPED) == "newcomer"
    watched.change(lambda: put(watched.file, dynamic({**NEWCOMER, "username": "renamed"})))
    assert name_of(watched.server, keys.UNMAPPED) == "renamed"
    assert name_of(watched.server, keys.USER) == "alice"


def test_a_file_written_in_place(watched):
    watched.change(lambda: watched.file.write_text(dynamic({**NEWCOMER, "username": "in-place"})))
    assert name_of(watched.server, keys.UNMAPPED) == "in-place"


def test_the_link_of_a_volume_is_swapped(make_server, tmp_path):
    """As the kubelet does it: file → ..data/file, ..data → a directory; another link is renamed over ..data."""
    volume = tmp_path / "volume"

    def version(name, text):
        (volume / name).mkdir(parents=True)
        (volume / name / "dynamic.json").write_text(text)
        (volume / "..data_tmp").symlink_to(name)
        (volume / "..data_tmp").rename(volume / "..data")

    version("..first", dynamic(NEWCOMER))
    (volume / "dynamic.json").symlink_to("..data/dynamic.json")
    watched = Watched(make_server, tmp_path, where=volume / "dynamic.json")
    assert name_of(watched.server, keys.UNMAPPED) == "newcomer"
    for turn in range(3):
        name = f"swapped-{turn}"
        watched.change(lambda name=name: version(f"..{name}", dynamic({**NEWCOMER, "username": name})))
        assert name_of(watched.server, keys.UNMAPPED) == name


def test_the_configuration_file_is_followed(server):
    mark = server.process.mark()
    server.write_config({"server": {"mapUsers": [NEWCOMER]}})
    server.process.wait_for(RELOADED, since=mark)
    assert name_of(server, keys.UNMAPPED) == "newcomer"
    assert name_of(server, keys.USER) is None


def test_a_file_that_comes_back_in_the_grace_period(watched):
    text = watched.file.read_text()
    watched.change(watched.file.unlink, r"is empty or gone, .*graceSeconds=300.* source=DynamicFile")
    assert state_is(watched.server, "DynamicFile", "grace")
    assert source_line(watched.server, "DynamicFile").startswith("grace, generation 1, entries 1,")
    assert name_of(watched.server, keys.UNMAPPED) == "newcomer"
    watched.change(lambda: put(watched.file, text), r'msg="a source of mappings was read".* source=DynamicFile')
    assert state_is(watched.server, "DynamicFile", "synced")
    assert name_of(watched.server, keys.UNMAPPED) == "newcomer"


@pytest.mark.parametrize("end", ["gone", "empty"])
def test_the_grace_period_ends(make_server, tmp_path, end):
    watched = Watched(make_server, tmp_path, NEWCOMER, mapping={"gracePeriod": "300ms"})
    watched.change(
        watched.file.unlink if end == "gone" else lambda: put(watched.file, "{}"),
        r"is empty or gone, ",
        r'msg="the grace period of a source of mappings is over" source=DynamicFile',
        RELOADED,
    )
    assert name_of(watched.server, keys.UNMAPPED) is None
    assert state_is(watched.server, "DynamicFile", "missing" if end == "gone" else "synced")
    assert name_of(watched.server, keys.USER) == "alice"


def test_without_a_grace_period_a_file_that_is_gone_counts_at_once(make_server, tmp_path):
    watched = Watched(make_server, tmp_path, NEWCOMER, mapping={"gracePeriod": "0s"})
    watched.change(watched.file.unlink)
    assert name_of(watched.server, keys.UNMAPPED) is None


def test_a_broken_file_leaves_the_old_mapping_in_force_and_is_told_once(watched):
    server = watched.server
    watched.change(lambda: put(watched.file, '{"mapUsers": ['), KEPT + "DynamicFile")
    assert name_of(server, keys.UNMAPPED) == "newcomer"
    assert state_is(server, "DynamicFile", "stale")
    line = source_line(server, "DynamicFile")
    assert line.startswith("stale, generation 1, entries 1,")
    assert "last error: " in line
    assert server.metric("arngate_mapping_source_readings_total", source="DynamicFile", result="failure") == 1
    assert server.metric("aws_iam_authenticator_dynamicfile_failures_total") == 1
    assert server.request("GET", "/readyz").status == 200
    # Another file says when this one has been looked at for long enough to be told again.
    watched.change(lambda: server.write_config({"server": {"mapUsers": [{**ALICE, "username": "alicia"}]}}))
    assert len(re.findall(KEPT + "DynamicFile", server.log)) == 1
    watched.change(lambda: put(watched.file, dynamic({**NEWCOMER, "username": "repaired"})))
    assert name_of(server, keys.UNMAPPED) == "repaired"
    assert state_is(server, "DynamicFile", "synced")


def test_a_broken_configuration_file_leaves_the_old_mapping_in_force(server):
    mark = server.process.mark()
    server.write_config(text="clusterID: test-cluster\nserver:\n  mapUsers:\n  - userarn: no-arn\n    username: x\n")
    server.process.wait_for(rf"{re.escape(str(server.config_file))}:4:\d+", since=mark)
    server.process.wait_for(KEPT + "MountedFile", since=mark)
    assert name_of(server, keys.USER) == "alice"
    assert state_is(server, "MountedFile", "stale")


def test_sighup_reads_every_source_again(watched):
    server = watched.server
    readings = "arngate_mapping_source_readings_total"
    before = {name: server.metric(readings, source=name, result="success") for name in ("DynamicFile", "MountedFile")}
    reloads = server.metric("arngate_reload_total", result="success")
    generation = server.metric("arngate_mapping_generation")
    server.reload()
    while server.metric("arngate_reload_total", result="success") < reloads + 2:
        pass
    for name, count in before.items():
        assert server.metric(readings, source=name, result="success") == count + 1
    assert server.metric("arngate_mapping_generation") == generation


def test_the_list_of_backends_changes(make_server, tmp_path):
    modes = tmp_path / "modes.json"
    watched = Watched(
        make_server,
        tmp_path,
        {**ALICE, "username": "alice-of-the-dynamic-file"},
        server={"dynamicBackendModePath": str(modes)},
    )
    server = watched.server

    def asked(text):
        return lambda: put(modes, json.dumps({"backendMode": text, "Version": "1", "LastUpdatedDateTime": "1"}))

    assert name_of(server, keys.USER) == "alice-of-the-dynamic-file"
    watched.change(asked("MountedFile DynamicFile"))
    assert name_of(server, keys.USER) == "alice"
    watched.change(asked("DynamicFile"), r"asked no more.* source=MountedFile", RELOADED)
    assert name_of(server, keys.ROLE) is None
    assert name_of(server, keys.USER) == "alice-of-the-dynamic-file"
    assert server.metric("aws_iam_authenticator_dynamic_file_only") == 1
    watched.change(asked("Nonsense"), r"the file of backends cannot be used, those in use stay")
    assert name_of(server, keys.USER) == "alice-of-the-dynamic-file"
    watched.change(modes.unlink)
    assert name_of(server, keys.ROLE) == "kubernetes-admin:session-name"


def test_break_glass_comes_last_and_is_told(make_server, tmp_path):
    rescue = tmp_path / "rescue.yaml"
    entries = [{**NEWCOMER, "username": "rescue"}, {**ALICE, "username": "never"}]
    put(rescue, json.dumps({"mapUsers": entries}) + "\n")
    watched = Watched(make_server, tmp_path, mapping={"breakGlassFile": str(rescue)})
    server = watched.server
    mark = server.process.mark()
    assert name_of(server, keys.USER) == "alice"
    assert server.metric("arngate_break_glass_reviews_total") == 0
    assert name_of(server, keys.UNMAPPED) == "rescue"
    server.process.wait_for(r'level=warning msg="access granted by the break-glass file".* username=rescue', since=mark)
    assert server.metric("arngate_break_glass_reviews_total") == 1
    # No file, no rescue: so it stays.
    watched.change(rescue.unlink, KEPT + "BreakGlass")
    assert name_of(server, keys.UNMAPPED) == "rescue"
    put(rescue, json.dumps({"mapUsers": [{**NEWCOMER, "username": "second"}]}) + "\n")
    server.process.wait_for(RELOADED, since=mark)
    assert name_of(server, keys.UNMAPPED) == "second"


def test_what_was_read_serves_a_server_that_starts_while_the_source_is_gone(make_server, tmp_path):
    watched = Watched(make_server, tmp_path, NEWCOMER, mapping={"keepCopies": True})
    copy = watched.server.state_dir / "mapping-DynamicFile.copy"
    assert watched.server.stop() == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    put(watched.file, "{ broken")
    again = {**watched.settings, "server": {**watched.settings["server"], "stateDir": str(watched.server.state_dir)}}

    def second():
        server = make_server(again)
        server.state_dir = watched.server.state_dir
        return server

    server = second()
    assert name_of(server, keys.UNMAPPED) == "newcomer"
    assert "that was read before is in force until the source is read" in server.log
    assert source_line(server, "DynamicFile").startswith("stale, generation 1, entries 1,")
    assert server.stop() == 0
    copy.write_bytes(copy.read_bytes()[:-1] + b"?")
    server = second()
    assert name_of(server, keys.UNMAPPED) is None
    assert "a kept mapping is not used" in server.log
    assert name_of(server, keys.USER) == "alice"


def test_a_reload_says_what_has_changed_and_hides_scrubbed_accounts(make_server, tmp_path):
    watched = Watched(make_server, tmp_path, NEWCOMER, server={"scrubbedAccounts": [keys.UNMAPPED.account]})
    role = {"rolearn": "arn:aws:iam::123456789012:role/Seen", "username": "seen"}
    changed = {**NEWCOMER, "username": "changed"}
    line = watched.change(
        lambda: put(watched.file, dynamic(changed, mapRoles=[role])), r".*" + RELOADED + r".*"
    ).group()
    assert " added=1 changed=1 " in line
    assert " removed=0 " in line
    assert "+arn:aws:iam::123456789012:role/seen" in line.lower()
    assert " sources=[DynamicFile]" in line or ' sources="[DynamicFile]"' in line
    assert keys.UNMAPPED.account not in line


def test_reserved_prefixes_hold_for_what_is_read_later_and_follow_the_configuration(make_server, tmp_path):
    reserved = [{"backendMode": "DynamicFile", "usernamePrefixReserveList": ["admin:"]}]
    watched = Watched(make_server, tmp_path, NEWCOMER, server={"reservedPrefixConfig": reserved})
    server = watched.server
    assert name_of(server, keys.UNMAPPED) == "newcomer"
    watched.change(lambda: put(watched.file, dynamic({**NEWCOMER, "username": "admin:newcomer"})))
    assert name_of(server, keys.UNMAPPED) is None
    watched.change(lambda: server.write_config({"server": {"reservedPrefixConfig": []}}))
    assert name_of(server, keys.UNMAPPED) == "admin:newcomer"


def test_generations_agree_everywhere(watched):
    server = watched.server
    before = server.metric("arngate_mapping_generation")
    for turn in range(1, 4):
        said = watched.change(
            lambda turn=turn: put(watched.file, dynamic({**NEWCOMER, "username": f"turn-{turn}"})),
            RELOADED + r".* generation=(\d+)",
        )
        assert int(said.group(1)) == before + turn
        assert server.metric("arngate_mapping_generation") == before + turn
        assert source_line(server, "DynamicFile").startswith(f"synced, generation {1 + turn}, entries 1,")
        assert server.metric("arngate_mapping_entries") == 3
    assert server.metric("arngate_mapping_source_generation", source="MountedFile") == 1


def test_a_writer_that_dies_halfway_changes_nothing(watched):
    """In place, and killed between two of its writes: JSON that was cut does not parse."""
    text = dynamic({**NEWCOMER, "username": "half"}, mapRoles=[])

    def die():
        child = os.fork()
        if child == 0:
            with open(watched.file, "w") as out:
                out.write(text[: len(text) // 2])
                out.flush()
                os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)

    watched.change(die, KEPT + "DynamicFile")
    assert name_of(watched.server, keys.UNMAPPED) == "newcomer"
