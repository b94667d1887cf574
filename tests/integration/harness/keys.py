"""Credentials that the fake STS knows. The long-lived pair is the one of AWS's documentation."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    access_key_id: str
    secret_access_key: str
    account: str
    arn: str
    user_id: str
    session_token: str = ""

    def as_json(self):
        return {
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "session_token": self.session_token,
            "account": self.account,
            "arn": self.arn,
            "user_id": self.user_id,
        }

    def environment(self):
        """What AWS programs read."""
        names = {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
        }
        if self.session_token:
            names["AWS_SESSION_TOKEN"] = self.session_token
        return names


SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

USER = Key(
    "AKIAIOSFODNN7EXAMPLE", SECRET, "123456789012", "arn:aws:iam::123456789012:user/Alice", "AIDACKCEVSQ6C2EXAMPLE"
)
ROLE = Key(
    "ASIAIOSFODNN7EXAMPLE",
    SECRET,
    "123456789012",
    "arn:aws:sts::123456789012:assumed-role/KubernetesAdmin/session-name",
    "AROACKCEVSQ6C2EXAMPLE:session-name",
    session_token="FwoGZXIvYXdzEXAMPLE+session/token==",
)
LONG_SESSION = Key(
    "ASIALONGSESSEXAMPLE0",
    SECRET,
    "123456789012",
    "arn:aws:sts::123456789012:assumed-role/KubernetesAdmin/long",
    "AROACKCEVSQ6C2EXAMPLE:long",
    session_token=("IQoJb3JpZ2luX2Vj+/" * 228)[:4096],
)
UNMAPPED = Key(
    "AKIAUNMAPPEDEXAMPLE0",
    SECRET,
    "444455556666",
    "arn:aws:iam::444455556666:user/Nobody",
    "AIDANOBODY6C2EXAMPLE0",
)
ALL = [USER, ROLE, LONG_SESSION, UNMAPPED]
