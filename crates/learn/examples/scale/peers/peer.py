"""One peer on the data that `scale` wrote: chosen on the validated people, timed once, measured on the asked.

    peer.py FOLDER NAME [--grid 1|0] [--iterations N]

Prints one line of JSON. One thread, also of BLAS: processor time is what is compared.
"""

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import json
import resource
import time

import numpy as np
import scipy.sparse as sp


def matrix(folder, name, items):
    starts = np.fromfile(f"{folder}/{name}.starts", dtype="<u8").astype(np.int64)
    columns = np.fromfile(f"{folder}/{name}.items", dtype="<u4").astype(np.int32)
    ones = np.ones(len(columns), dtype=np.float32)
    return sp.csr_matrix((ones, columns, starts), shape=(len(starts) - 1, items))


def ndcg(lists, wanted):
    """NDCG@100 with binary gains: mean and standard error over people."""
    discount = 1 / np.log2(np.arange(2, 102))
    each = []
    for person, best in enumerate(lists):
        want = wanted.indices[wanted.indptr[person] : wanted.indptr[person + 1]]
        if len(want) == 0:
            continue
        hits = np.isin(best[:100], want)
        each.append(discount[: len(hits)][hits].sum() / discount[: min(100, len(want))].sum())
    each = np.array(each)
    return float(each.mean()), float(each.std() / np.sqrt(len(each)))


def top(scores, known):
    rows, columns = known.nonzero()
    scores[rows, columns] = -np.inf
    best = np.argpartition(-scores, 100, axis=1)[:, :100]
    order = np.take_along_axis(-scores, best, axis=1).argsort(axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def als(train, regularization, alpha, iterations):
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=64,
        regularization=regularization,
        alpha=alpha,
        iterations=iterations,
        num_threads=1,
        random_state=7,
    )
    model.fit(train, show_progress=False)

    def lists(known):
        people = np.arange(known.shape[0])
        found, _ = model.recommend(people, known, N=100, recalculate_user=True)
        return found

    return lists


def ease(train, ridge):
    gram = np.asarray((train.T @ train).todense(), dtype=np.float32)
    np.fill_diagonal(gram, gram.diagonal() + ridge)
    from scipy.linalg import lapack

    factor, info = lapack.spotrf(gram, lower=1, overwrite_a=1)
    assert info == 0
    inverse, info = lapack.spotri(factor, lower=1, overwrite_c=1)
    assert info == 0
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    weights = inverse / -inverse.diagonal()
    np.fill_diagonal(weights, 0)
    return lambda known: top(known @ weights, known)


def sansa(train, ridge, density):
    from sansa import SANSA, CHOLMODGramianFactorizerConfig, SANSAConfig, UMRUnitLowerTriangleInverterConfig

    config = SANSAConfig(
        l2=ridge,
        weight_matrix_density=density,
        gramian_factorizer_config=CHOLMODGramianFactorizerConfig(),
        lower_triangle_inverter_config=UMRUnitLowerTriangleInverterConfig(scans=1, finetune_steps=5),
    )
    model = SANSA(config).fit(train)
    first, second = model.weights
    return lambda known: top(np.asarray((known @ first @ second).todense()), known)


GRIDS = {
    "als": [(r, a) for r in (1.0, 10.0, 30.0) for a in (1.0, 4.0)],
    "ease": [(r,) for r in (100.0, 300.0, 700.0, 1500.0, 3000.0)],
    "sansa": [(r,) for r in (100.0, 700.0, 3000.0)],
}


def fit(name, train, setting, options):
    if name == "als":
        return als(train, *setting, options.iterations)
    if name == "ease":
        return ease(train, *setting)
    # As many weights as our model has.
    return sansa(train, *setting, min(1.0, 100 / train.shape[1]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("name", choices=sorted(GRIDS))
    parser.add_argument("--setting", type=float, nargs="*", help="no grid: this one")
    parser.add_argument("--iterations", type=int, default=15)
    parser.add_argument("--most-gib", type=float, default=12.0)
    options = parser.parse_args()
    most = int(options.most_gib * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    items = int(open(f"{options.folder}/items").read())
    if options.name == "ease" and 8 * items * items > most:
        need = 8 * items * items / 2**30
        raise MemoryError(f"{items} x {items} twice in f32 takes {need:.0f} GiB, {options.most_gib:.0f} GiB are allowed")
    train = matrix(options.folder, "train", items)
    validated = [matrix(options.folder, f"validated-{part}", items) for part in ("known", "wanted")]
    asked = [matrix(options.folder, f"asked-{part}", items) for part in ("known", "wanted")]
    grid = [tuple(options.setting)] if options.setting else GRIDS[options.name]
    best = (-1.0, grid[0])
    if len(grid) > 1:
        for setting in grid:
            found = ndcg(fit(options.name, train, setting, options)(validated[0]), validated[1])[0]
            best = max(best, (found, setting))
    wall, cpu = time.perf_counter(), time.process_time()
    lists = fit(options.name, train, best[1], options)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    mean, error = ndcg(lists(asked[0]), asked[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "name": options.name,
                "setting": best[1],
                "wall": wall,
                "cpu": cpu,
                "peak_mb": peak / 1024,
                "ndcg": mean,
                "error": error,
            }
        )
    )


try:
    main()
except MemoryError as problem:
    print(json.dumps({"name": "", "problem": f"out of memory: {problem}"}))
