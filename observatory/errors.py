"""What can become of a run other than a report."""


class RunError(Exception):
    """A run did not come to a report that could be read; the message says which, why and what to do."""


class NotBootstrappedError(RunError):
    """The endpoint answers, but what a run needs is not there."""


class UnknownRunError(RunError):
    """There is no such run."""


class AmbiguousRunError(RunError):
    """More than one run could be meant."""


class UnknownObjectError(RunError):
    """The run has stored no such object."""


class UnknownEventError(RunError):
    """The run has no such event."""


class UnknownInvocationError(RunError):
    """The run has no such invocation."""


class UnknownStateError(RunError):
    """The run has not entered such a state."""


class UnknownDeadLetterError(RunError):
    """There is no such dead letter."""


class EventNotTakenError(RunError):
    """The bus did not take an event."""


class StartError(RunError):
    """What was asked to be started is nothing that the stack has."""


class UnreadableWishError(RunError):
    """What is wanted of the runs is nothing that they have."""


class NoEventError(RunError):
    """There is no event that a handler could be given."""


class RunNotStartedError(RunError):
    """The bus did not take the start event, or no execution came of it."""


class RunFailedError(RunError):
    """The execution ended without success."""


class DeadlinePassedError(RunError):
    """The run takes longer than it was to be waited for."""


class SandboxSilentError(RunError):
    """What was asked has not been answered for a while."""
