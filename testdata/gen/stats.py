#!/usr/bin/env python3
"""Reference values for judge/stats.

Writes judge/stats/testdata/reference.json: for each statistic a list of cases, a
case being its inputs and what scipy, statsmodels, scikit-learn or krippendorff say.
Missing values are null.

    python testdata/gen/stats.py

Needs numpy, scipy, statsmodels, scikit-learn and krippendorff; the file in the
repository was made with the versions that it names under "made_with".
"""
import importlib.metadata
import json
import pathlib

import krippendorff
import numpy as np
import statsmodels.api as sm
from scipy import stats
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import fleiss_kappa
from statsmodels.stats.power import normal_sample_size_one_tail
from statsmodels.stats.proportion import proportion_confint, samplesize_proportions_2indep_onetail

OUT = pathlib.Path(__file__).parents[2] / "judge/stats/testdata/reference.json"
rng = np.random.default_rng(20240607)


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(v) for v in x]
    if isinstance(x, (bool, np.bool_)):
        return bool(x)
    if isinstance(x, (int, np.integer)):
        return int(x)
    if isinstance(x, (float, np.floating)):
        return None if np.isnan(x) else float(x)
    return x


def shares():
    cases = []
    for k, n in [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (47, 92), (1, 1000), (999, 1000), (123456, 1000000)]:
        for level in (0.9, 0.95, 0.99):
            cases.append({
                "k": k, "n": n, "level": level,
                "wilson": proportion_confint(k, n, 1 - level, "wilson"),
                "exact": proportion_confint(k, n, 1 - level, "beta"),
            })
    return cases


def cohen():
    cases = []
    for k, n, same in [(2, 30, 0.5), (3, 100, 0.7), (5, 200, 0.3), (10, 500, 0.6)]:
        x = rng.integers(0, k, n)
        y = np.where(rng.random(n) < same, x, rng.integers(0, k, n))
        cases.append({"k": k, "x": x, "y": y, "weights": [
            cohen_kappa_score(x, y, labels=range(k), weights=w) for w in (None, "linear", "quadratic")]})
    return cases


def fleiss():
    cases = []
    for items, raters, k in [(10, 14, 5), (30, 3, 2), (50, 6, 4)]:
        p = rng.dirichlet(np.ones(k), items)
        counts = np.array([rng.multinomial(raters, row) for row in p])
        cases.append({"counts": counts, "kappa": fleiss_kappa(counts, "fleiss")})
    return cases


def alpha():
    cases = []
    for raters, units, k, missing in [(2, 12, 3, 0), (4, 12, 5, 0.25), (5, 40, 7, 0.4), (3, 60, 10, 0.1)]:
        base = rng.integers(1, k + 1, units)
        ratings = np.clip(base + rng.integers(-1, 2, (raters, units)), 1, k).astype(float)
        ratings[rng.random((raters, units)) < missing] = np.nan
        cases.append({"ratings": ratings, "alpha": [
            krippendorff.alpha(ratings, level_of_measurement=s) for s in ("nominal", "ordinal", "interval", "ratio")]})
    return cases


def correlation():
    cases = []
    for n, ties in [(5, 0), (30, 0), (100, 5), (200, 3), (64, 2)]:
        x, y = rng.normal(size=n), rng.normal(size=n)
        y = 0.6 * x + 0.8 * y
        if ties:
            x, y = np.floor(ties * stats.norm.cdf(x)), np.floor(ties * stats.norm.cdf(y))
        cases.append({"x": x, "y": y, "pearson": stats.pearsonr(x, y)[0],
                      "spearman": stats.spearmanr(x, y)[0], "kendall": stats.kendalltau(x, y)[0]})
    return cases


def glm(y, x, weights=None):
    kwargs = {} if weights is None else {"freq_weights": weights}
    return sm.GLM(y, x, family=sm.families.Binomial(), **kwargs).fit(tol=1e-15, maxiter=200, tol_criterion="params")


def length_control():
    cases = []
    for n, soft, hard in [(50, False, False), (400, False, True), (200, True, True)]:
        delta = np.round(rng.normal(100, 300, n))
        difficulty = rng.normal(size=n)
        p = 1 / (1 + np.exp(-(0.2 + 0.8 * np.tanh(delta / delta.std()) + 0.5 * hard * difficulty)))
        y = p if soft else rng.choice([0, 0.5, 1], n)
        if not soft:
            y = np.where(rng.random(n) < 0.7, (rng.random(n) < p) * 1.0, y)
        columns = [np.ones(n), np.tanh(delta / delta.std())] + ([difficulty] if hard else [])
        fit = glm(y, np.stack(columns, 1))
        columns[1] = np.zeros(n)
        cases.append({"outcomes": y, "delta": delta, "difficulty": difficulty if hard else None,
                      "beta": fit.params, "win_rate": fit.predict(np.stack(columns, 1)).mean()})
    return cases


def bradley_terry():
    cases = []
    for k, games in [(2, 20), (4, 30), (8, 25)]:
        strength = rng.normal(size=k)
        wins = np.zeros((k, k))
        for i in range(k):
            for j in range(i):
                w = rng.binomial(games, 1 / (1 + np.exp(strength[j] - strength[i])))
                wins[i, j], wins[j, i] = w, games - w
        wins[0, 1] += 0.5  # a tie
        wins[1, 0] += 0.5
        # One player is the reference of the regression; a contrast makes the mean zero.
        x, y, weight = [], [], []
        for i in range(k):
            for j in range(i):
                row = np.zeros(k)
                row[i], row[j] = 1, -1
                x.append(row[1:])
                y.append(wins[i, j] / (wins[i, j] + wins[j, i]))
                weight.append(wins[i, j] + wins[j, i])
        fit = glm(np.array(y), np.array(x), np.array(weight))
        contrast = (np.eye(k) - 1 / k)[:, 1:]
        cases.append({"wins": wins, "strengths": contrast @ fit.params,
                      "errors": np.sqrt(np.diag(contrast @ fit.cov_params() @ contrast.T))})
    return cases


def tests():
    cases = []
    for b, c in [(0, 0), (1, 0), (0, 8), (10, 3), (40, 41), (120, 80)]:
        table = [[5, b], [c, 5]]
        row = {"b": b, "c": c}
        if b + c:
            exact, plain_, corrected = (mcnemar(table, exact=True), mcnemar(table, exact=False, correction=False),
                                        mcnemar(table, exact=False, correction=True))
            row |= {"exact": exact.pvalue, "sign": stats.binomtest(b, b + c).pvalue,
                    "plain": [plain_.statistic, plain_.pvalue], "corrected": [corrected.statistic, corrected.pvalue]}
        else:
            row |= {"exact": 1, "sign": 1, "plain": [0, 1], "corrected": [0, 1]}
        cases.append(row)
    return cases


def isotonic():
    cases = []
    for n, levels in [(20, 0), (100, 10), (60, 5)]:
        x = rng.random(n) * 10
        if levels:
            x = np.floor(x * levels / 10)
        y = x / 3 + rng.normal(size=n)
        fit = IsotonicRegression(out_of_bounds="clip").fit(x, y)
        at = np.concatenate([x, [-1, 20], rng.random(10) * 10])
        cases.append({"x": x, "y": y, "at": at, "fit": fit.predict(at)})
    return cases


def sizes():
    cases = []
    for alpha_, power in [(0.05, 0.8), (0.01, 0.9)]:
        for delta in (0.02, 0.1):
            za, zb = stats.norm.ppf(1 - alpha_ / 2), stats.norm.ppf(power)
            cases.append({
                "alpha": alpha_, "power": power, "delta": delta,
                "mean": normal_sample_size_one_tail(delta, power, alpha_ / 2, std_null=0.4, std_alternative=0.4),
                "proportions": samplesize_proportions_2indep_onetail(delta, 0.6, power, alpha=alpha_, alternative="two-sided"),
                "pairs": ((za * np.sqrt(0.3) + zb * np.sqrt(0.3 - delta**2)) / delta) ** 2,
            })
    return cases


def bootstrap():
    x = rng.exponential(size=60)
    y = x + rng.normal(0.2, 0.5, 60)
    out = {"x": x, "y": y}
    for method in ("percentile", "BCa"):
        low, high = [], []
        for seed in range(20):  # noise of the reference is cut by repeating it
            r = stats.bootstrap((x,), np.mean, n_resamples=9999, method=method, rng=np.random.default_rng(seed))
            low.append(r.confidence_interval.low)
            high.append(r.confidence_interval.high)
        out[method.lower()] = [np.mean(low), np.mean(high)]
        out[method.lower() + "_sd"] = [np.std(low), np.std(high)]
    return [out]


def main():
    made = {p: importlib.metadata.version(p) for p in ("scipy", "statsmodels", "scikit-learn", "krippendorff")}
    reference = {"made_with": made}
    for f in (shares, cohen, fleiss, alpha, correlation, length_control, bradley_terry, tests, isotonic, sizes, bootstrap):
        reference[f.__name__] = f()
    OUT.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(k) + ": " + json.dumps(plain(v), separators=(",", ":")) for k, v in reference.items()]
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
