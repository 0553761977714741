"""Run Shardmill jobs from Python: no dependency but the program itself.

    import shardmill
    manifest = shardmill.submit("churn", {"ds": "2026-11-22"}, run_key="churn 2026-11-22")
    print(manifest["rows"], [part["key"] for part in manifest["parts"]])

Both functions wait for the end and return the manifest as a dict, with where the results are as "output". Repeating a
call is safe: `submit` attaches to the run of its key, `run` goes on where an earlier one stopped, and neither scores a
row twice. The program is "shardmill" on the PATH, or what SHARDMILL_COMMAND says ("npx shardmill").
"""
import json
import os
import shlex
import signal
import subprocess


class ShardmillError(Exception):
    """A command failed: `code` is one of docs/errors.md, `exit_code` one of the exit codes there."""

    def __init__(self, code, message, where=None, remedy="", exit_code=1):
        super().__init__(f"{code}: {message}" + (f" ({where})" if where else "") + f" {remedy}")
        self.code, self.where, self.remedy, self.exit_code = code, where, remedy, exit_code


def submit(job, params=None, *, run_key, options=(), cwd=None):
    """Submits a job to a fleet, or attaches to the run of `run_key`, and goes on with it where it failed."""
    arguments = ["submit", job, "--wait", "--resume", "--run-key", run_key, *_params(params), *options]
    return _manifest(_command(arguments, cwd), cwd)


def run(job, params=None, *, options=(), cwd=None):
    """Scores a job on this machine; a run that has finished already is not repeated."""
    return _manifest(_command(["run", job, "--if-finished", "ok", *_params(params), *options], cwd), cwd)


def _params(params):
    return [word for name, value in (params or {}).items() for word in ("--param", f"{name}={value}")]


def _manifest(document, cwd):
    found = _command(["inspect", document["manifest"]], cwd)
    return {**found["manifest"], "output": document["output"]}


def _command(arguments, cwd):
    command = [*shlex.split(os.environ.get("SHARDMILL_COMMAND", "shardmill")), *arguments, "--json"]
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, text=True) as process:
        try:
            output, _ = process.communicate()
        except BaseException:  # Interrupted, or ended by an orchestrator: stop cleanly, and keep what is done.
            process.send_signal(signal.SIGTERM)
            raise
    try:
        document = json.loads(output)
    except ValueError:
        seen = f"the command ended with {process.returncode} and printed no document: {output[:200]!r}"
        raise ShardmillError("NO_DOCUMENT", seen, remedy="Call it again: what is done is kept.") from None
    if process.returncode != 0:
        error = document["error"]
        raise ShardmillError(error["code"], error["message"], error["where"], error["remedy"], error["exitCode"])
    return document
