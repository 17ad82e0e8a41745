"""Links a CSV of people with Splink and DuckDB, and says what it cost and how good it is.

    pip install splink duckdb
    python splink.py people.csv      # columns: unique_id, ..., entity_id (truth, not shown to Splink)

Settings follow Splink's own recipe for deduplicating people: names by Jaro-Winkler with term
frequencies, dates and contact points by edits, eight blocking rules, u from random pairs, m by EM
over two blockings. Quality is by pairs after clustering, at the usual cut of .95 and at the best one.
"""

import resource
import sys
import time
from collections import Counter

# By file name, so that this script is not taken for the package it imports.
sys.path.pop(0)

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

RULES = [
    block_on("email"),
    block_on("phone"),
    block_on("given_name", "surname"),
    block_on("surname", "birth_date"),
    block_on("given_name", "birth_date"),
    block_on("surname", "postcode"),
    block_on("street", "postcode"),
    block_on("given_name", "postcode"),
]


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def settings():
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        blocking_rules_to_generate_predictions=RULES,
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.DamerauLevenshteinAtThresholds("email", [1, 2]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("phone", [1, 2]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("street", [0.9]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
        retain_matching_columns=False,
    )


def link(path):
    connection = duckdb.connect()
    # Fillers, which the other engine has to find by itself, are told: they would be giant blocks.
    connection.execute(
        "create table people as select * exclude (entity_id, household_id) replace ("
        "nullif(email, 'noemail@store.com') as email, nullif(phone, '999-999-9999') as phone, "
        "nullif(birth_date, '1900-01-01') as birth_date) "
        f"from read_csv('{path}', all_varchar = true, header = true)"
    )
    api = DuckDBAPI(connection)
    linker = Linker(api.register("people"), settings(), log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(
        [block_on("email", "given_name"), block_on("phone", "given_name")], recall=0.6
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=7)
    for rule in (block_on("given_name", "surname"), block_on("email")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.5)
    return connection, linker, predicted


def clustered(linker, predicted, threshold):
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold)
    return dict(
        (row[0], row[1])
        for row in clusters.as_duckdbpyrelation().project("unique_id, cluster_id").fetchall()
    )


def pairs(counts):
    return sum(count * (count - 1) // 2 for count in counts.values())


def quality(clusters, truth):
    found = pairs(Counter(clusters.values()))
    real = pairs(Counter(truth.values()))
    right = pairs(Counter((clusters[key], truth[key]) for key in truth))
    precision, recall = right / max(found, 1), right / max(real, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def main():
    path = sys.argv[1]
    wall = time.time()
    connection, linker, predicted = link(path)
    clusters = clustered(linker, predicted, 0.95)
    # Output is flushed, so that a run cut short still says what it cost.
    sys.stdout.reconfigure(line_buffering=True)
    print(f"cpu {cpu():.2f}")
    print(f"wall {time.time() - wall:.2f}")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
    # What follows is judging, and is not counted.
    truth = dict(
        connection.execute(
            f"select unique_id, entity_id from read_csv('{path}', all_varchar = true, header = true)"
        ).fetchall()
    )
    print("f1_95 {:.4f}".format(quality(clusters, truth)[2]))
    best = (0, 0)
    for threshold in (0.5, 0.95, 0.99, 0.999, 0.9999, 0.99999):
        precision, recall, f1 = quality(clustered(linker, predicted, threshold), truth)
        print(f"# at {threshold}: P {precision:.4f} R {recall:.4f} F1 {f1:.4f}", file=sys.stderr)
        best = max(best, (f1, threshold))
    print(f"f1_best {best[0]:.4f}")
    print(f"best_at {best[1]}")


main()
