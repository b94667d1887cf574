"""The runs: one over everything in partition `aws`, then a small one for each other partition."""

import itertools

import cli
import configuration
import logs
import node_names
import observe
import profiles
import reviews
import shapes
import sources
import sso
import world
from differences import ROWS
from principals import Principals


class Scenario:
    def __init__(self, name, partition, random, ledger, programs, directory):
        self.name = name
        self.random = random
        self.ledger = ledger
        self.programs = programs
        self.directory = directory / name
        self.partition = partition
        table = world.partitions()
        self.hosts = world.hosts_of(table[partition])
        self.all_hosts = world.all_hosts()
        self.principals = Principals(random, partition)
        self.rows = ()
        self.roles_with_paths = set()
        self.sources = ["MountedFile"]

    def token(self, principal, host=None):
        host = host or self.random.choice(list(self.hosts))
        url = shapes.Url(principal, host, self.all_hosts[host], configuration.CLUSTER_ID)
        url.sign()
        return shapes.encode(url.text())

    def changed(self):
        principal = self.random.choice(self.usual)
        host = self.random.choice(list(self.hosts))
        region = self.all_hosts[host]
        kind, text = shapes.changed_url(principal, host, region, configuration.CLUSTER_ID, self.random)
        return reviews.review(shapes.encode(text), self.random, "changed " + kind, principal)

    def broken(self):
        principal = self.random.choice(self.usual)
        kind, token = shapes.break_text(self.token(principal), self.random)
        return reviews.review(token, self.random, "broken " + kind, principal)

    def plain(self):
        principal = self.random.choice(self.principals.all)
        return reviews.review(self.token(principal), self.random, "plain", principal)

    def elsewhere(self):
        """A host of any partition."""
        host = self.random.choice(list(self.all_hosts))
        principal = self.random.choice(self.usual)
        return reviews.review(self.token(principal, host), self.random, "host " + host, principal)

    def fixed(self):
        """What every run has."""
        for principal in self.principals.all:
            yield reviews.review(self.token(principal), self.random, f"principal {principal.arn}", principal)
        for name, token in shapes.vector_tokens(self.all_hosts):
            yield reviews.review(token, self.random, "vector " + name)
        for size in (*range(4093, 4100), 8192, 16383, 16385, 16386, 20000):
            token = shapes.token_of_size(
                self.usual[0], "sts.us-east-1.amazonaws.com", "us-east-1", "diff-cluster", size
            )
            if token:
                yield reviews.review(token, self.random, f"size {size}")
        somebody = self.token(self.usual[0], next(iter(self.hosts)))
        for request in (*reviews.odd_reviews(somebody), *reviews.odd_requests(somebody)):
            request.principal = self.usual[0] if request.token else None
            yield request
        yield from self.over_http2(somebody)

    def over_http2(self, token):
        """Requests that a client of HTTP/2 can send, and some reviews."""
        # Not those whose body nobody reads: there a stream may be reset before its answer.
        sendable = [
            request
            for request in reviews.odd_requests(token)
            if request.method.isupper() and (request.body is None or request.token)
        ]
        for request in (*sendable, *(self.plain() for _ in range(20)), *(self.broken() for _ in range(5))):
            request.principal = request.principal or (self.usual[0] if request.token else None)
            request.kind += " over HTTP/2"
            request.http2 = True
            yield request

    def drawn(self, count):
        kinds = [self.plain] * 5 + [self.changed] * 6 + [self.broken] * 2 + [self.elsewhere]
        for _ in range(count):
            yield self.random.choice(kinds)()

    def run(self, requests, gates=None, sso_entries=(), environment=None, prepare=None, ready=None, **settings):
        """`prepare`: called when the fake STS runs and before the servers do. `ready`: called with each server, returns
        how many reviews it asked to see that the server is ready."""
        self.directory.mkdir()
        text = configuration.make(self.random, self.principals.all, self.partition, sso=sso_entries, **settings)
        self.roles_with_paths |= configuration.roles_with_paths(text)
        sts = world.FakeSts(self.programs["fake_sts"], self.directory / "sts", self.principals.keys())
        if prepare:
            prepare()
        servers = world.World(self.programs, self.directory / "world", text, sts.ca_file, gates, environment)
        results = []
        try:
            before = [ready(server) if ready else 0 for server in servers.servers]
            for server in servers.servers:
                server.counted = server.metrics()
            for request in requests:
                results.append((request, [observe.observe(server, request) for server in servers.servers]))
            self.compare_families(*(server.families() for server in servers.servers[:2]))
        finally:
            lines = servers.stop()
            sts.stop()
        self.read_logs(results, lines, before)
        for request, (go, reference, arngate) in results:
            self.ledger.compare(request, go, reference, (*ROWS, *self.rows))
            profiles.compare(request, reference, arngate, self, self.ledger)
        return len(results)

    def compare_families(self, go, ours):
        """Nothing of the Go server's is missing; more are only results of the latency that nothing had yet."""
        more = {sample for sample in ours - go if "authenticate_latency_seconds_bucket" not in sample}
        if go - ours or more:
            self.ledger.fail(f"{self.name}: metrics of one alone: {sorted(go - ours)} {sorted(more)}")
        elif ours != go:
            self.ledger.note("D17")

    def read_logs(self, results, lines, before):
        """Reviews were asked one after the other, so their lines come in that order. `before`: how many each server
        had before those of `results`."""
        for position, name in enumerate(("go", "reference", "arngate")):
            said = logs.outcomes(lines[name])[before[position] :]
            reviewed = [seen[position] for _, seen in results if seen[position].outcome]
            if len(said) != len(reviewed):
                self.ledger.fail(f"{self.name}: {name} logged {len(said)} outcomes of {len(reviewed)} reviews")
                continue
            for seen, line in zip(reviewed, said):
                seen.log = line


def everything(programs, directory, random, count, ledger):
    scenario = Scenario("aws", "aws", random, ledger, programs, directory)
    scenario.principals.add_usual(60)
    scenario.usual = list(scenario.principals.all)
    scenario.principals.add_odd()
    scenario.principals.add_scripted()
    fixed = list(scenario.fixed())
    # Drawn as they are sent, so that the dates of a long run's tokens are not of its beginning.
    return scenario.run(itertools.chain(fixed, scenario.drawn(max(0, count - len(fixed)))))


def one_partition(partition, programs, directory, random, count, ledger):
    """Each of its hosts once, some of other partitions, and callers of this and of others."""
    scenario = Scenario(partition, partition, random, ledger, programs, directory)
    scenario.principals.add_usual(8)
    scenario.usual = list(scenario.principals.all)
    scenario.principals.add_odd()
    requests = []
    for host in scenario.hosts:
        principal = random.choice(scenario.principals.all)
        requests.append(reviews.review(scenario.token(principal, host), random, "host " + host, principal))
    requests += [scenario.elsewhere() for _ in range(count)] + [scenario.plain() for _ in range(count)]
    return scenario.run(requests)


def permission_sets(programs, directory, random, count, ledger):
    """With the feature gate, in partition `aws`."""
    scenario = Scenario("sso", "aws", random, ledger, programs, directory)
    sso.add_principals(scenario.principals, random)
    made = sso.entries(random)
    exact = scenario.principals.all[:2]
    scenario.rows = sso.rows(made, {principal.canonical.lower() for principal in exact})
    plain = [{"rolearn": principal.canonical, "username": "exact", "groups": []} for principal in exact]
    requests = []
    for principal in scenario.principals.all:
        requests += [reviews.review(scenario.token(principal), random, f"sso {principal.arn}", principal)] * 2
    settings = {"sso_entries": [*made, *plain], "mapped": False, "accounts": False}
    return scenario.run(requests, "SSORoleMatch=true", **settings)


def instances(programs, directory, random, count, ledger):
    """Names of nodes, each asked for twice: the second time a server may remember."""
    scenario = Scenario("nodes", "aws", random, ledger, programs, directory)
    node_names.add_principals(scenario.principals)
    nodes = list(scenario.principals.all)
    scenario.principals.all.append(node_names.SERVER)
    scenario.rows = node_names.ROWS
    requests = [reviews.review(scenario.token(node), random, f"node {node.arn}", node) for node in nodes * 2]
    random.shuffle(requests)
    return scenario.run(
        requests,
        environment=node_names.ENVIRONMENT,
        prepare=lambda: node_names.add_instances(world.CONTROL_PORT),
        sso_entries=node_names.mappings(),
        mapped=False,
        accounts=False,
    )


def chain(name, modes, strict, programs, directory, random, count, ledger):
    """Sources beside, or instead of, the configuration file, over callers of all kinds."""
    scenario = Scenario(name, "aws", random, ledger, programs, directory)
    scenario.principals.add_usual(40)
    scenario.usual = list(scenario.principals.all)
    scenario.principals.add_odd()
    made = sources.Sources(scenario, modes, strict)
    folder = directory / f"{name}_sources"
    folder.mkdir()
    server = made.prepare(folder)
    scenario.rows = sources.ROWS
    scenario.sources = modes
    requests = [
        reviews.review(scenario.token(principal), random, f"{name} {principal.arn}", principal)
        for principal in scenario.principals.all
    ]
    try:
        return scenario.run(requests, ready=made.ready, server=server)
    finally:
        made.stop()


def run_all(programs, directory, random, count, ledger):
    """How many requests; the command lines come beside them."""
    cli.compare(programs, directory / "cli", random, ledger)
    others = [partition for partition in world.partitions() if partition != "aws"]
    share = max(6, count // 100)
    total = permission_sets(programs, directory, random, count, ledger)
    total += instances(programs, directory, random, count, ledger)
    total += sum(chain(*each, programs, directory, random, count, ledger) for each in sources.chains(random))
    total += sum(one_partition(name, programs, directory, random, share, ledger) for name in others)
    return total + everything(programs, directory, random, count - total, ledger)
