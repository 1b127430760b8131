"""A Google that runs on this machine: Calendar v3, Gmail v1 and OAuth over real HTTP, for the real client library. In front of a
stateful fake stands a validator made from the discovery documents that ship with the library. Not named `google`: a package of
that name beside the tests would hide the libraries'."""

from tests.servers.fake_google.server import FakeGoogle

__all__ = ["FakeGoogle"]
