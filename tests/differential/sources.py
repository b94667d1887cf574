"""Mappings in other sources than the configuration file: the dynamic file, the ConfigMap, IAMIdentityMapping objects,
alone and in chains, in which they contradict each other.
"""

import json
import time

import configuration
import reviews
from differences import Row
from fake_cluster import FakeCluster
from principals import ACCOUNTS, SENTINEL_ACCOUNT

OLD_NAMES = {"MountedFile": "File", "EKSConfigMap": "ConfigMap"}
LOADED_SECONDS = 60


def _as_list(groups):
    return groups.split(",") if isinstance(groups, str) else list(groups or [])


def _field(entry, name):
    return next((key for key in entry if key.lower() == name), None)


def _arn(entry):
    return entry[_field(entry, "rolearn") or _field(entry, "userarn")]


def _typed(entry):
    """An entry whose groups are a list, as sources of JSON want it."""
    key = _field(entry, "groups")
    return {**entry, key: _as_list(entry[key])} if key else entry


def _sentinel(mode):
    return f"arn:aws:iam::{SENTINEL_ACCOUNT}:user/{mode}"


def _sentinel_entry(mode):
    return {"userarn": _sentinel(mode), "username": mode, "groups": []}


class Sources:
    """Content for each of `modes`, about a random part of the callers each."""

    def __init__(self, scenario, modes, strict=False):
        self.scenario = scenario
        self.random = scenario.random
        self.modes = modes
        self.strict = strict
        self.callers = list(scenario.principals.all)
        self.accounts = {mode: self.random.sample(ACCOUNTS, 2) for mode in modes}
        self.sentinels = {
            mode: scenario.principals.add(_sentinel(mode), f"AIDA{mode.upper()}", SENTINEL_ACCOUNT)
            for mode in modes
            if mode != "MountedFile"
        }
        self.cluster = None

    def _entries(self):
        return configuration.mappings(self.random, self.callers)

    def _with_user_id(self, entry):
        arn = _arn(entry)
        of = [one for one in self.callers if one.canonical.lower() == arn.lower()] or self.callers
        found = self.random.choice(of if self.random.random() < 0.9 else self.callers).user_id
        made = {**entry, "userId": found.partition(":")[0] if found.startswith("AROA") else found}
        if self.random.random() < 0.3:
            made.pop(_field(entry, "rolearn") or _field(entry, "userarn"))
        return made

    def dynamic_file(self):
        roles, users = [[_typed(entry) for entry in entries] for entries in self._entries()]
        sentinel = _sentinel_entry("DynamicFile")
        if self.strict:
            roles, users = ([self._with_user_id(entry) for entry in entries] for entries in (roles, users))
            sentinel["userid"] = self.sentinels["DynamicFile"].user_id
        spell = lambda name: configuration.odd_case(self.random, name)
        content = {"LastUpdatedDateTime": str(int(time.time())), "ClusterId": "x", "Version": "1"}
        lists = {"mapRoles": roles, "mapUsers": [*users, sentinel], "mapAccounts": self.accounts["DynamicFile"]}
        return json.dumps({**content, **{spell(name): each for name, each in lists.items()}})

    def config_map(self):
        """Some entries are of wrong types, or nobody's.

        A user's ARN has one spelling: of several the Go server takes any (F9).
        """
        roles, users = self._entries()
        spelt = {}
        users = [user for user in users if spelt.setdefault(_arn(user).lower(), _arn(user)) == _arn(user)]
        for entries in (roles, users):
            for entry in entries:
                if self.random.random() < 0.05:
                    entry[_field(entry, "username")] = self.random.choice([5, True, None])
            if self.random.random() < 0.5:
                entries.insert(self.random.randrange(len(entries) + 1), {"username": "nobody", "groups": ["g"]})
        users.append(_sentinel_entry("EKSConfigMap"))
        block = lambda entries: "\n".join(configuration.yaml_list(self.random, "x", entries, 0)[1:]) + "\n"
        accounts = "".join(f"- {self.random.choice([one, json.dumps(one)])}\n" for one in self.accounts["EKSConfigMap"])
        return {"mapRoles": block(roles), "mapUsers": block(users), "mapAccounts": accounts}

    def objects(self):
        """At most one for a caller: of several each program takes another."""
        made, known = {}, set()
        roles, users = self._entries()
        for entry in [*roles, *users]:
            arn = _arn(entry)
            if arn.lower() in known or "role/" in arn and arn.count("/") > 1:
                continue
            known.add(arn.lower())
            groups = _field(entry, "groups")
            spec = {"arn": arn, "username": entry[_field(entry, "username")]}
            spec["groups"] = _as_list(entry[groups]) if groups else []
            made[f"m{len(made)}"] = spec
        made["nobody"] = {"arn": "nonsense", "username": "x", "groups": []}
        made["sentinel"] = {"arn": _sentinel("CRD"), "username": "CRD", "groups": []}
        return made

    def prepare(self, directory):
        """Writes and starts what the servers read; the lines of their configuration's section `server`."""
        names = [OLD_NAMES.get(mode, mode) if self.random.random() < 0.3 else mode for mode in self.modes]
        lines = [f"backendMode: [{', '.join(names)}]"]
        texts = []
        if "DynamicFile" in self.modes:
            file = directory / "dynamic.json"
            texts.append(self.dynamic_file())
            file.write_text(texts[-1])
            lines += [f"dynamicfilepath: {file}", f"dynamicfileUserIDStrict: {json.dumps(self.strict)}"]
        if {"EKSConfigMap", "CRD"} & set(self.modes):
            data = self.config_map() if "EKSConfigMap" in self.modes else {}
            objects = self.objects() if "CRD" in self.modes else {}
            texts += [*data.values(), json.dumps(objects)]
            self.cluster = FakeCluster(directory / "cluster", data, objects)
            kubeconfig = directory / "kubeconfig.json"
            kubeconfig.write_text(self.cluster.kubeconfig())
            lines.append(f"kubeconfig: {kubeconfig}")
        for text in texts:
            self.scenario.roles_with_paths |= configuration.roles_with_paths(text)
        return lines

    def ready(self, server):
        """Until each source has been read; how many reviews that took."""
        asked = 0
        for mode, principal in self.sentinels.items():
            end = time.monotonic() + LOADED_SECONDS
            while True:
                request = reviews.review(self.scenario.token(principal), self.random, "sentinel", principal)
                asked += 1
                body = server.ask(request.method, request.path, request.body, request.headers)[2]
                if json.loads(body).get("status", {}).get("user", {}).get("username") == mode:
                    break
                if time.monotonic() > end:
                    raise AssertionError(f"{server.name} has not read {mode}:\n{server.process.output[-4000:]}")
                time.sleep(0.02)
        return asked

    def stop(self):
        if self.cluster:
            self.cluster.stop()


def chains(random):
    """(name, sources, by user id): each alone, and all in two orders."""
    everything = configuration.BACKENDS
    yield "dynamic", ["DynamicFile"], False
    yield "dynamic_strict", ["DynamicFile"], True
    yield "config_map", ["EKSConfigMap"], False
    yield "objects", ["CRD"], False
    yield "chain", random.sample(everything, len(everything)), False
    yield "chain_strict", random.sample(everything, len(everything)), True


def _is_f11(request, go, ours):
    """An entry without a username is left out, so that another one may count."""
    return go.outcome == "success" and b'"username"' not in go.body and ours.outcome in ("success", "uknown_user")


ROWS = (Row("F11", "entries of the ConfigMap whose username is no text", "they are left out", _is_f11),)
