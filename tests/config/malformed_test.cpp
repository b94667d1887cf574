#include "tests/config/malformed.hpp"

#include <gtest/gtest.h>

#include <array>

namespace arngate::config {
namespace {

using testing::expect_problems;
using testing::Malformed;
using testing::TempConfig;

constexpr std::array cases{
    Malformed{
        "port is text",
        "server:\n  port: abc\n",
        "c.yaml:3:9: server.port: found \"abc\", expected a whole number from 0 to 65535."
    },
    Malformed{
        "port one past",
        "server:\n  port: 65536\n",
        "c.yaml:3:9: server.port: found \"65536\", expected a whole number from 0 to 65535."
    },
    Malformed{
        "port negative",
        "server:\n  port: -1\n",
        "c.yaml:3:9: server.port: found \"-1\", expected a whole number from 0 to 65535."
    },
    Malformed{
        "port with fraction",
        "server:\n  port: 1.5\n",
        "c.yaml:3:9: server.port: found \"1.5\", expected a whole number from 0 to 65535."
    },
    Malformed{
        "port is a list",
        "server:\n  port: [1]\n",
        "c.yaml:3:9: server.port: found a list, expected a whole number from 0 to 65535."
    },
    Malformed{
        "port is a boolean",
        "server:\n  port: true\n",
        "c.yaml:3:9: server.port: found \"true\", expected a whole number from 0 to 65535."
    },
    Malformed{
        "port with blank",
        "server:\n  port: \"1 \"\n",
        "c.yaml:3:9: server.port: found \"1 \", expected a whole number from 0 to 65535."
    },
    Malformed{
        "boolean is yes",
        "server:\n  kubeconfigPregenerated: yes\n",
        "c.yaml:3:27: server.kubeconfigPregenerated: found \"yes\", expected true or false. Write true or false."
    },
    Malformed{
        "boolean is 2",
        "tokenOnly: 2\n",
        "c.yaml:2:12: tokenOnly: found \"2\", expected true or false. Write true or false."
    },
    Malformed{"section is text", "server: here\n", "c.yaml:2:9: server: found \"here\", expected a map of keys."},
    Malformed{"section is a list", "sts:\n- region: x\n", "c.yaml:3:1: sts: found a list, expected a map of keys."},
    Malformed{
        "inner section is a number",
        "server:\n  tls: 1\n",
        "c.yaml:3:8: server.tls: found \"1\", expected a map of keys."
    },
    Malformed{
        "address is a name",
        "server:\n  address: localhost\n",
        "c.yaml:3:12: server.address: found \"localhost\", expected an IP address."
    },
    Malformed{
        "address in brackets",
        "server:\n  address: \"[::1]\"\n",
        "c.yaml:3:12: server.address: found \"[::1]\", expected an IP address."
    },
    Malformed{
        "address empty",
        "server:\n  address: \"\"\n",
        "c.yaml:3:12: server.address: found \"\", expected an IP address."
    },
    Malformed{
        "health address",
        "server:\n  healthAddress: 1.2.3\n",
        "c.yaml:3:18: server.healthAddress: found \"1.2.3\", expected an IP address."
    },
    Malformed{
        "host name with line end",
        "server:\n  hostname: \"a\\nb\"\n",
        "c.yaml:3:13: server.hostname: found \"a\\x0ab\", expected a host name or an IP address."
    },
    Malformed{
        "partition",
        "server:\n  partition: aws-gov\n",
        "c.yaml:3:14: server.partition: found \"aws-gov\", expected one of aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, "
        "aws-iso-e, aws-iso-f, aws-us-gov, or an id of sts.partitions."
    },
    Malformed{
        "partition in capitals",
        "server:\n  partition: AWS\n",
        "c.yaml:3:14: server.partition: found \"AWS\", expected one of aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, "
        "aws-iso-e, aws-iso-f, aws-us-gov, or an id of sts.partitions. Did you mean aws?"
    },
    Malformed{
        "log level",
        "log-verbosity: infos\n",
        "c.yaml:2:16: log-verbosity: found \"infos\", expected one of trace, debug, info, warn, warning, error, fatal, "
        "panic. Did you mean info?"
    },
    Malformed{
        "profile",
        "compat: refrence\n",
        "c.yaml:2:9: compat: found \"refrence\", expected one of arngate, reference. Did you mean reference?"
    },
    Malformed{
        "threads one past",
        "server:\n  threads: 257\n",
        "c.yaml:3:12: server.threads: found \"257\", expected a whole number from 0 to 256."
    },
    Malformed{
        "review timeout one past",
        "sts:\n  reviewTimeout: 25001ms\n",
        "c.yaml:3:18: sts.reviewTimeout: found \"25001ms\", expected a duration from 100ms to 25s."
    },
    Malformed{
        "review timeout too short",
        "sts:\n  reviewTimeout: 99ms\n",
        "c.yaml:3:18: sts.reviewTimeout: found \"99ms\", expected a duration from 100ms to 25s."
    },
    Malformed{
        "duration without sense",
        "sts:\n  reviewTimeout: soon\n",
        "c.yaml:3:18: sts.reviewTimeout: found \"soon\", expected a duration from 100ms to 25s."
    },
    Malformed{
        "duration negative",
        "sts:\n  reviewTimeout: -5s\n",
        "c.yaml:3:18: sts.reviewTimeout: found \"-5s\", expected a duration from 100ms to 25s."
    },
    Malformed{
        "attempt longer than review",
        "sts:\n  reviewTimeout: 2s\n  attemptTimeout: 3s\n",
        "c.yaml:4:19: sts.attemptTimeout: found 3000 ms, expected at most sts.reviewTimeout, which is 2000 ms."
    },
    Malformed{
        "cache time with fraction",
        "cache:\n  ttl: 1.5s\n",
        "c.yaml:3:8: cache.ttl: found \"1.5s\", expected a duration from 1s to 15m in whole seconds."
    },
    Malformed{
        "cache time one past",
        "cache:\n  ttl: 901\n",
        "c.yaml:3:8: cache.ttl: found \"901\", expected a duration from 1s to 15m in whole seconds."
    },
    Malformed{
        "token bytes one past",
        "limits:\n  tokenBytes: 65537\n",
        "c.yaml:3:15: limits.tokenBytes: found \"65537\", expected a size from 1KiB to 64KiB."
    },
    Malformed{
        "token bytes too few",
        "limits:\n  tokenBytes: 1023\n",
        "c.yaml:3:15: limits.tokenBytes: found \"1023\", expected a size from 1KiB to 64KiB."
    },
    Malformed{
        "size in another unit",
        "limits:\n  bodyBytes: 64KB\n",
        "c.yaml:3:14: limits.bodyBytes: found \"64KB\", expected a size from 2KiB to 1MiB."
    },
    Malformed{
        "size too large for anything",
        "limits:\n  bodyBytes: 99999999999999999999GiB\n",
        "c.yaml:3:14: limits.bodyBytes: found \"99999999999999999999GiB\", expected a size from 2KiB to 1MiB."
    },
    Malformed{
        "token larger than body",
        "limits:\n  tokenBytes: 64KiB\n",
        "c.yaml:3:15: limits.tokenBytes: found a token of 65536 bytes and a body of 65536, expected limits.bodyBytes "
        "at least 1 KiB more than limits.tokenBytes."
    },
    Malformed{
        "certificate without key",
        "server:\n  tls:\n    certFile: /c\n",
        "c.yaml:4:15: server.tls.certFile: found \"/c\", expected server.tls.keyFile beside it."
    },
    Malformed{
        "client certificate without key",
        "server:\n  tls:\n    clientCertFile: /c\n",
        "c.yaml:4:21: server.tls.clientCertFile: found \"/c\", expected server.tls.clientKeyFile beside it."
    },
    Malformed{
        "client key without certificate",
        "server:\n  tls:\n    clientKeyFile: /k\n",
        "c.yaml:4:20: server.tls.clientKeyFile: found \"/k\", expected server.tls.clientCertFile beside it."
    },
    Malformed{
        "key without certificate",
        "server:\n  tls:\n    keyFile: /k\n",
        "c.yaml:4:14: server.tls.keyFile: found \"/k\", expected server.tls.certFile beside it."
    },
    Malformed{
        "metrics address alone",
        "server:\n  metricsAddress: 127.0.0.1\n",
        "c.yaml:3:19: server.metricsAddress: found an address without a port, expected server.metricsPort beside it."
    },
    Malformed{
        "metrics port",
        "server:\n  metricsPort: 99999\n",
        "c.yaml:3:16: server.metricsPort: found \"99999\", expected a whole number from 0 to 65535."
    },
    Malformed{
        "backend name",
        "server:\n  backendMode: [MountedFile, Crd]\n",
        "c.yaml:3:30: server.backendMode: found \"Crd\", expected one of MountedFile, EKSConfigMap, CRD, DynamicFile. "
        "Did you mean CRD?"
    },
    Malformed{
        "backend twice",
        "server:\n  backendMode: [CRD, CRD]\n",
        "c.yaml:3:22: server.backendMode: found \"CRD\" again, expected each name once."
    },
    Malformed{
        "backends none",
        "server:\n  backendMode: []\n",
        "c.yaml:3:16: server.backendMode: found an empty list, expected at least one of MountedFile, EKSConfigMap, "
        "CRD, DynamicFile."
    },
    Malformed{
        "backends with comma",
        "server:\n  backendMode: \"MountedFile,CRD\"\n",
        "c.yaml:3:16: server.backendMode: found \"MountedFile,CRD\", expected one of MountedFile, EKSConfigMap, CRD, "
        "DynamicFile. In a file, separate names by blanks or write a list."
    },
    Malformed{
        "dynamic file without path",
        "server:\n  backendMode: [DynamicFile]\n",
        "c.yaml: server.dynamicfilepath: found nothing, expected the path of the file that the backend DynamicFile "
        "reads."
    },
    Malformed{
        "dynamic path without backend",
        "server:\n  dynamicfilepath: /x\n",
        "c.yaml:3:20: server.dynamicfilepath: found \"/x\", expected DynamicFile in server.backendMode. Add the "
        "backend, or delete this key."
    },
    Malformed{
        "role for EC2",
        "server:\n  ec2DescribeInstancesRoleARN: arn:aws:iam::123456789012:user/U\n",
        "c.yaml:3:32: server.ec2DescribeInstancesRoleARN: found \"arn:aws:iam::123456789012:user/U\", expected the ARN "
        "of a role, such as arn:aws:iam::123456789012:role/Name."
    },
    Malformed{
        "source ARN", "server:\n  sourceARN: x\n", "c.yaml:3:14: server.sourceARN: found \"x\", expected an ARN."
    },
    Malformed{
        "qps zero",
        "server:\n  ec2DescribeInstancesQps: 1001\n",
        "c.yaml:3:28: server.ec2DescribeInstancesQps: found \"1001\", expected a whole number from 0 to 1000."
    },
    Malformed{
        "region",
        "sts:\n  region: eu_central\n",
        "c.yaml:3:11: sts.region: found \"eu_central\", expected a region such as eu-central-1."
    },
    Malformed{
        "extra host in capitals",
        "sts:\n  extraHosts: [sts.example.org, STS.example.org]\n",
        "c.yaml:3:33: sts.extraHosts: found \"STS.example.org\", expected a list: a lower-case host name with a dot."
    },
    Malformed{
        "extra host with port",
        "sts:\n  extraHosts: sts.example.org:443\n",
        "c.yaml:3:15: sts.extraHosts: found \"sts.example.org:443\", expected a list: a lower-case host name with a "
        "dot."
    },
    Malformed{
        "connect-to",
        "sts:\n  connectTo: a:443:b\n",
        "c.yaml:3:14: sts.connectTo: found \"a:443:b\", expected a list: HOST1:PORT1:HOST2:PORT2."
    },
    Malformed{
        "connect-to port",
        "sts:\n  connectTo: a:443:b:65536\n",
        "c.yaml:3:14: sts.connectTo: found \"a:443:b:65536\", expected a list: HOST1:PORT1:HOST2:PORT2."
    },
    Malformed{
        "TLS version",
        "server:\n  tls: {minVersion: 1.1}\n",
        "c.yaml:3:21: server.tls.minVersion: found \"1.1\", expected one of 1.2, 1.3. Did you mean 1.2?"
    },
    Malformed{
        "account order",
        "mapping:\n  accountOrder: first\n",
        "c.yaml:3:17: mapping.accountOrder: found \"first\", expected one of afterAll, inChain."
    },
    Malformed{
        "refusal status",
        "answers:\n  refusalStatus: 403\n",
        "c.yaml:3:18: answers.refusalStatus: found \"403\", expected one of ok, forbidden."
    },
    Malformed{
        "control character",
        "role: \"a\\eb\"\n",
        "c.yaml:2:7: role: found \"a\\x1bb\", expected text without control characters."
    },
    Malformed{
        "long text is shortened",
        "server:\n  port: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
        "c.yaml:3:9: server.port: found \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"…, expected a "
        "whole number from 0 to 65535."
    },
};

TEST(Malformed, EveryFaultOfASettingIsNamedByPlaceAndRemedy) {
    expect_problems(cases);
}

TEST(Malformed, EveryFaultOfAFileIsNamedAtOnce) {
    const TempConfig file("clusterID: \"\"\nserver:\n  port: x\n  address: localhost\ncompat: old\n");
    LoadRequest request;
    request.file = file.path();
    const auto loaded = load(request);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().size(), 4U) << file.texts(loaded.error());
}

}  // namespace
}  // namespace arngate::config
