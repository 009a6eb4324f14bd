"""The environment in which chapters are executed, by the build and by nbval alike."""

#: One thread a kernel: two chapters side by side then finish sooner than with shared pools,
#: and the order of additions does not depend on the machine's number of cores.
ENVIRONMENT = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
