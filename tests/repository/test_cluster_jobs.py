"""The jobs for a cluster are valid, and give every worker the right TF_CONFIG.

No cluster runs here: `srun`, `scontrol` and Python are replaced by small stand-ins that do what
theirs would, as far as TF_CONFIG is concerned.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
STAND_INS = {
    ".venv/bin/python": (
        'printf "%s|%s" "$TF_CONFIG" "$*" > "$OUT/$SLURM_PROCID$JOB_COMPLETION_INDEX"'
    ),
    "bin/scontrol": '[ "$1 $2 $3" = "show hostnames node[1-2]" ] && printf "node1\\nnode2\\n"',
    "bin/srun": 'shift; for i in 0 1; do SLURM_PROCID=$i "$@"; done',
}


@pytest.fixture
def cluster(tmp_path):
    """A folder with stand-ins, and a function that runs a command in it."""
    for name, text in STAND_INS.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)
    out = tmp_path / "out"
    out.mkdir()
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    names = {"PATH": path, "OUT": str(out), "SLURM_PROCID": "", "JOB_COMPLETION_INDEX": ""}

    def run(*command, **environment):
        subprocess.run(command, cwd=tmp_path, env=names | environment, check=True)
        texts = [path.read_text().split("|") for path in sorted(out.iterdir())]
        return [(json.loads(config), arguments) for config, arguments in texts]

    return run


def assert_workers(found, addresses, folder):
    """Fail unless each worker knows all addresses and its own number, and starts the script."""
    for index, (config, arguments) in enumerate(found):
        assert config == {
            "cluster": {"worker": addresses},
            "task": {"type": "worker", "index": index},
        }
        assert arguments == f"experiments/17_two_workers.py --worker {folder}"
    assert len(found) == len(addresses)


def test_kubernetes_job(cluster):
    text = (EXPERIMENTS / "17_job.yaml").read_text(encoding="utf-8")
    service, job = yaml.safe_load_all(text)
    assert (service["kind"], job["kind"]) == ("Service", "Job")
    spec = job["spec"]
    assert spec["completionMode"] == "Indexed"
    assert spec["completions"] == spec["parallelism"] == 2
    assert spec["backoffLimit"] == 0
    assert 0 < spec["activeDeadlineSeconds"] <= 600  # a worker whose partner has no place waits
    pod = spec["template"]["spec"]
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["selector"] == {"job-name": job["metadata"]["name"]}
    assert pod["subdomain"] == service["metadata"]["name"]
    assert pod["restartPolicy"] == "Never"
    (container,) = pod["containers"]
    (mount,), (volume,) = container["volumeMounts"], pod["volumes"]
    assert mount["name"] == volume["name"]
    for index in range(2):
        found = cluster(*container["command"], JOB_COMPLETION_INDEX=str(index))
    assert container["ports"] == [{"containerPort": 8888}]
    assert_workers(found, ["train-0.train:8888", "train-1.train:8888"], mount["mountPath"])


def slurm(cluster, job):
    """Run the job for Slurm under a number; return its workers."""
    script = str(EXPERIMENTS / "17_job.sbatch")
    return cluster("bash", script, SLURM_JOB_NODELIST="node[1-2]", SLURM_JOB_ID=str(job))


@pytest.mark.parametrize(("job", "port"), [(7, 20_007), (1_234_567, 24_567)])
def test_slurm_job(cluster, tmp_path, job, port):
    assert (EXPERIMENTS / "17_job.sbatch").read_text(encoding="utf-8").startswith("#!/bin/bash\n")
    found = slurm(cluster, job)
    assert_workers(found, [f"node1:{port}", f"node2:{port}"], f"train-{job}")
    assert (tmp_path / f"train-{job}").is_dir()


def test_the_checks_bite(cluster):
    found = slurm(cluster, 7)
    addresses = ["node1:20007", "node2:20007"]
    for wrong in (found[::-1], found[:1]):
        with pytest.raises(AssertionError):
            assert_workers(wrong, addresses, "train-7")
    with pytest.raises(AssertionError):
        assert_workers(found, addresses[::-1], "train-7")
