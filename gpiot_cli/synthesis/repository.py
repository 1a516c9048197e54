"""Version control of a project: a git repository in its own folder, and only there."""

import fnmatch
import os
from pathlib import Path
from typing import TYPE_CHECKING

from gpiot_cli.errors import GpiotError

if TYPE_CHECKING:
    from git import Repo


class Repository:
    """The git repository whose working tree is exactly one project folder."""

    def __init__(self, repo: "Repo") -> None:
        self._repo = repo

    @classmethod
    def open_or_create(cls, folder: Path) -> "Repository":
        """Open the folder's own repository, or make one; an enclosing one is never touched.

        The caller sees to it that nobody else is at work in the folder.
        """
        try:
            from git import Git, Repo
            from git.exc import GitError
        except ImportError as error:  # GitPython looks for the git program when it is imported
            raise _fault("git is not installed") from error
        # Inside a git hook GIT_DIR and the like name another repository: ours must win.
        here = folder.absolute()
        own = {
            "GIT_DIR": str(here / ".git"),
            "GIT_WORK_TREE": str(here),
            "GIT_INDEX_FILE": str(here / ".git" / "index"),
        }
        try:
            # A kill leaves git's locks, or half of a new repository, which `init` completes.
            for place, _, names in os.walk(here / ".git"):
                for name in fnmatch.filter(names, "*.lock"):
                    Path(place, name).unlink(missing_ok=True)
            if not (here / ".git" / "config").is_file():
                Git(here).init("--quiet", "--initial-branch=main", "--template=", env=own)
            repo = Repo(here / ".git")
            repo.git.update_environment(**own)
            for key, value in (("user.name", "gpiot"), ("user.email", "gpiot@localhost")):
                if not repo.git.config("--get", key, with_exceptions=False):
                    repo.git.config(key, value)
        except GitError as error:
            raise _fault(f"git cannot make a repository in {folder}") from error
        return cls(repo)

    def holds(self, path: Path) -> bool:
        """Whether a file is committed as it is now; `path` from the project's folder."""
        return not self._repo.git.status("--porcelain", "--", path.as_posix())

    def commit(self, message: str) -> None:
        """Commit whatever changed in the folder; no change, no commit."""
        from git.exc import GitError

        git = self._repo.git
        try:
            git.add("--all")
            if git.diff("--cached", "--name-only"):
                git.commit("--quiet", "--no-verify", "--no-gpg-sign", "--message", message)
        except GitError as error:
            raise _fault("git cannot commit the project") from error


def _fault(sentence: str) -> GpiotError:
    return GpiotError(f"{sentence}.", "Mend git, or do without it: --no-git.")
