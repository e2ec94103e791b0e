"""Every system call of a write fails once: the exit code says truly whether the workbook is the old or the new one."""

from __future__ import annotations

from pathlib import Path

from tests.faults.runs import THOROUGH, Nursery, counted
from tests.faults.test_kill import Judge, names

# What may fail in what way: a full disk, a broken one, a share that lacks something, rights.
ERRORS = {
    "write": ("ENOSPC", "EIO", "EDQUOT", "EFBIG"),
    "fsync": ("EIO", "ENOSPC", "EDQUOT", "EINVAL"),
    "rename": ("EPERM", "EACCES", "EXDEV", "EROFS", "EEXIST", "EBUSY", "EINVAL", "EOPNOTSUPP", "EIO", "ENOSPC"),
    "openat": ("EACCES", "EROFS", "ENOSPC", "EMFILE", "EIO", "ESTALE"),
    "fchmod": ("EPERM", "EOPNOTSUPP", "EROFS"),
    "fchown": ("EPERM", "EOPNOTSUPP"),
    "fsetxattr": ("EOPNOTSUPP", "EPERM", "ENOSPC"),
    "unlink": ("EACCES", "EBUSY", "EROFS"),
    "mkdir": ("EACCES", "EROFS", "ENOSPC", "EDQUOT"),
    "flock": ("ENOLCK", "ENOSYS", "EIO"),
    "read": ("EIO", "ESTALE"),
    "getdents64": ("EIO", "EACCES"),
}
OTHERS = ("EIO", "EACCES")
# Nothing that a write needs: it goes on without.
UNNEEDED = {"fchmod", "fchown", "flistxattr", "listxattr", "fsetxattr", "fgetxattr", "getxattr", "unlink"}


def test_each_call_fails_once(strace: Nursery, book: Path) -> None:
    judge = Judge(book)
    folder = book.parent / "backups"
    _, log = strace.traced("edit", book, "new", folder)
    failures = refused = written = missed = 0
    wrong = []
    for call, times in counted(log).items():
        for number in range(1, times + 1):
            errors = ERRORS.get(call, OTHERS)
            for error in errors if THOROUGH or call == "rename" else errors[:1]:
                book.write_bytes(judge.before)
                for path in folder.glob("*"):
                    path.unlink()
                if call == "mkdir" and folder.exists():
                    folder.rmdir()
                ended, log = strace.traced("edit", book, "new", folder, inject=f"{call}:error={error}:when={number}")
                if "(INJECTED)" not in log:  # its threads shared the work otherwise
                    assert counted(log).get(call, 0) < number, (call, number)
                    missed += 1
                    continue
                is_new, said = judge.is_new(book), ended.said.strip()
                where = f"{call} {number} {error} → {ended.status} {'new' if is_new else 'old'} “{said}”"
                failures += 1
                refused, written = refused + (ended.status == 73), written + is_new
                # What is read from the workbook is read before anything is written: unreadable is 65, or else 73.
                fine = ended.status == 0 if is_new else ended.status in (65, 73)
                fine = fine and (is_new or (len(said.splitlines()) == 1 and "; " in said))
                fine = fine and (is_new or call not in UNNEEDED)
                left = [name for name in names(book.parent) if name.endswith(".kpisheets-tmp")]
                fine = fine and (not left or call == "unlink")
                copies = [copy.read_bytes() for copy in folder.glob("Book one.*")]
                fine = fine and (copies == [judge.before] if is_new else not copies)
                if not fine:
                    wrong.append(f"{where} left {left} copies {len(copies)}")
    assert wrong == [], "\n".join(wrong)
    assert failures > 100
    assert missed < failures / 10
    assert min(refused, written) > 20
