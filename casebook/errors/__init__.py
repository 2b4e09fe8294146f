"""Every way in which Casebook says no, in one place.

    CasebookError
      RefusedError      a rule says no; the user can act
      UnreadableError   input or file not understood
      UntrustedError    a seal, chain, certificate or device fails verification
      UnavailableError  disk, lock, network, passphrase

Each class has a stable code and builds its own sentence in every language of the product: what
happened, to what, and what to do next. Logs carry code and module and nothing of a participant.
Anything that is not a CasebookError is a bug and reaches the crash window.
"""

from casebook.errors.entry import (
    AbsenceReasonRequiredError,
    CertificateMissingError,
    DerivedItemError,
    IncompleteFormError,
    LaptopNotEnrolledError,
    NeedsInvestigatorError,
    NumbersExhaustedError,
    OtherVersionError,
    ReasonRequiredError,
    RoleDoesNotSignError,
    UnknownItemError,
    UnreadableItemError,
)
from casebook.errors.export import (
    ExportExistsError,
    ExportInvalidError,
    ExportNotPermittedError,
)
from casebook.errors.files import (
    FileUnreadableError,
    FileUnwritableError,
)
from casebook.errors.installation import (
    DataFolderMissingError,
    UnsafeQtError,
)
from casebook.errors.paper import (
    CodeUnreadableError,
    FieldUnavailableError,
    InkUnreadableError,
    TimeZoneUnknownError,
)
from casebook.errors.record import (
    CommitUnreadableError,
    CommitUntrustedError,
    SealBrokenError,
    SealedAwayError,
)
from casebook.errors.server import (
    ServerAddressError,
    ServerFolderError,
    UnknownSiteError,
)
from casebook.errors.store import (
    DiskFailedError,
    DiskFullError,
    RecoveryCodeUnreadableError,
    SidecarDamagedError,
    SidecarMissingError,
    StoreBusyError,
    StoreDamagedError,
    StoreMissingError,
    StoreNewerError,
    TamperedStoreError,
    TriggersMissingError,
    VaultFolderRefusedError,
    VaultInUseError,
    WrongPassphraseError,
    WrongRecoveryCodeError,
)
from casebook.errors.study import (
    StudyCasesError,
    StudyFileError,
    StudyOutputTakenError,
)
from casebook.errors.sync import (
    ChainBrokenError,
    ChainForkError,
    CodeMistypedError,
    CodeRefusedError,
    DeviceRevokedError,
    DeviceUnknownError,
    FrameCorruptError,
    LaptopOfAnotherStudyError,
    LettersExhaustedError,
    OlderCopyError,
    ProtocolUnsupportedError,
    ServerAnswerError,
    ServerBusyError,
    ServerCertificateDateError,
    ServerNotTrustedError,
    ServerUnreachableError,
    ServerWordUntrustedError,
    SignatureBadError,
    StudyMismatchError,
    TooLargeError,
)
from casebook.errors.tree import (
    LANGUAGES,
    CasebookError,
    RefusedError,
    UnavailableError,
    UnreadableError,
    UntrustedError,
)

__all__ = [
    "LANGUAGES",
    "AbsenceReasonRequiredError",
    "CasebookError",
    "CertificateMissingError",
    "ChainBrokenError",
    "ChainForkError",
    "CodeMistypedError",
    "CodeRefusedError",
    "CodeUnreadableError",
    "CommitUnreadableError",
    "CommitUntrustedError",
    "DataFolderMissingError",
    "DerivedItemError",
    "DeviceRevokedError",
    "DeviceUnknownError",
    "DiskFailedError",
    "DiskFullError",
    "ExportExistsError",
    "ExportInvalidError",
    "ExportNotPermittedError",
    "FieldUnavailableError",
    "FileUnreadableError",
    "FileUnwritableError",
    "FrameCorruptError",
    "IncompleteFormError",
    "InkUnreadableError",
    "LaptopNotEnrolledError",
    "LaptopOfAnotherStudyError",
    "LettersExhaustedError",
    "NeedsInvestigatorError",
    "NumbersExhaustedError",
    "OlderCopyError",
    "OtherVersionError",
    "ProtocolUnsupportedError",
    "ReasonRequiredError",
    "RecoveryCodeUnreadableError",
    "RefusedError",
    "RoleDoesNotSignError",
    "SealBrokenError",
    "SealedAwayError",
    "ServerAddressError",
    "ServerAnswerError",
    "ServerBusyError",
    "ServerCertificateDateError",
    "ServerFolderError",
    "ServerNotTrustedError",
    "ServerUnreachableError",
    "ServerWordUntrustedError",
    "SidecarDamagedError",
    "SidecarMissingError",
    "SignatureBadError",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreMissingError",
    "StoreNewerError",
    "StudyCasesError",
    "StudyFileError",
    "StudyMismatchError",
    "StudyOutputTakenError",
    "TamperedStoreError",
    "TimeZoneUnknownError",
    "TooLargeError",
    "TriggersMissingError",
    "UnavailableError",
    "UnknownItemError",
    "UnknownSiteError",
    "UnreadableError",
    "UnreadableItemError",
    "UnsafeQtError",
    "UntrustedError",
    "VaultFolderRefusedError",
    "VaultInUseError",
    "WrongPassphraseError",
    "WrongRecoveryCodeError",
]
