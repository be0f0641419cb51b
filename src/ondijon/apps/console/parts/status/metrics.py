"""The post's health in Prometheus's text exposition format 0.0.4; what is not known has no line."""

from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from ondijon.apps.console.parts.status.shapes import StatusShape
from ondijon.web.request_times import BOUNDS_S, RequestTimes, Times

# The web layer adds the charset.
CONTENT_TYPE = "text/plain; version=0.0.4"
Labelled = Iterable[tuple[tuple[str, ...], float | None]]


class _Figures(Collector):
    """One scrape's figures."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def expose(status: StatusShape, times: RequestTimes) -> bytes:
    """The whole answer to one scrape."""
    metrics = [*_services(status), *_intake(status), *_keeping(status), *_record(status), _requests(times)]
    return generate_latest(_Figures(metrics))


def _gauge(name: str, what: str, labels: tuple[str, ...], values: Labelled) -> Metric:
    return _filled(GaugeMetricFamily(f"ondijon_{name}", what, labels=labels), values)


def _counter(name: str, what: str, labels: tuple[str, ...], values: Labelled) -> Metric:
    return _filled(CounterMetricFamily(f"ondijon_{name}", what, labels=labels), values)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, values: Labelled) -> Metric:
    """What is not known has no line."""
    for of, value in values:
        if value is not None:
            family.add_metric(of, value)
    return family


def _services(status: StatusShape) -> Iterator[Metric]:
    services, role = status.services or [], ("role",)
    ready = [((name,), float(health.state == "ready")) for name, health in status.roles.items()]
    yield _gauge("role_ready", "1 when the role was heard within 3 s and says that it does its work.", role, ready)
    lags = [((name,), lag / 1_000) for name, lag in status.loop_lag_ms.items()]
    yield _gauge("event_loop_lag_seconds", "Longest delay of the role's event loop within a second.", role, lags)
    of = ("service", "host")
    up = [((one.name, one.host), float(one.state == "ready")) for one in services]
    yield _gauge("service_up", "1 when the supervisor sees the engine or role ready.", of, up)
    restarts = [((one.name, one.host), float(one.restarts)) for one in services]
    yield _counter("service_restarts", "Restarts since the supervisor's start.", of, restarts)
    memory = [((one.name, one.host), float(one.rss_bytes)) for one in services]
    yield _gauge("service_memory_bytes", "Resident memory of all processes, what they share once.", of, memory)
    cpu = [((one.name, one.host), one.cpu_s) for one in services]
    yield _counter("service_cpu_seconds", "Processor time of all processes that live.", of, cpu)
    yield _gauge("websockets", "Open live links of consoles.", (), [((), float(status.sockets))])


def _intake(status: StatusShape) -> Iterator[Metric]:
    backlog, intake = status.backlog, status.intake
    behind = None if backlog is None else backlog.behind_s
    yield _gauge("behind_seconds", "Age of the oldest message of the field that is not committed.", (), [((), behind)])
    counts = [] if backlog is None else [
        (("waiting",), float(backlog.waiting)),
        (("in_hand",), float(backlog.in_hand)),
        (("redelivered",), float(backlog.redelivered)),
    ]  # fmt: skip
    yield _gauge("backlog_messages", "Messages of the field that are not committed.", ("state",), counts)
    if intake is not None:
        yield _gauge("readings_per_second", "Readings taken in, over ten seconds.", (), [((), intake.per_s)])
        most = "Readings a second over the best minute in which the post kept up."
        yield _gauge("readings_per_second_most", most, (), [((), intake.most_per_s)])
        yield _gauge("intake_busy_ratio", "Part of the time spent in commits.", (), [((), intake.busy_share)])
        yield _gauge("shedding", "1 while readings are left out of history.", (), [((), float(intake.is_shedding))])
        shed = [((twin_type,), float(count)) for twin_type, count in intake.shed.items()]
        yield _counter("readings_shed", "Readings left out of history.", ("twin_type",), shed)


def _keeping(status: StatusShape) -> Iterator[Metric]:
    disks, disk = status.disks or [], ("disk", "host")
    yield _gauge("disk_free_bytes", "Free.", disk, [((one.name, one.host), float(one.free_bytes)) for one in disks])
    yield _gauge("disk_size_bytes", "Size.", disk, [((one.name, one.host), float(one.total_bytes)) for one in disks])
    days = [((one.name, one.host), one.full_in_days) for one in disks]
    yield _gauge("disk_full_days", "Days until full; no line while unknown or not filling.", disk, days)
    backup, audit = status.backup, status.audit
    ages = [] if backup is None else [
        (("taken",), backup.age_s),
        (("verified",), backup.verified_age_s),
        (("restored_on_trial",), backup.tested_age_s),
        (("log_grew",), backup.log_age_s),
    ]  # fmt: skip
    yield _gauge("backup_age_seconds", "Since it was last done; no line when never.", ("deed",), ages)
    if audit is not None:
        yield _gauge("audit_head_age_seconds", "Since rows and heads agreed.", (), [((), audit.head_age_s)])
        yield _gauge("audit_verified_age_seconds", "Since the last check.", (), [((), audit.verified_age_s)])
        found = "1 when the last check found something wrong."
        yield _gauge("audit_finding", found, (), [((), float(audit.finding is not None))])


def _record(status: StatusShape) -> Iterator[Metric]:
    yield _gauge("database_answers", "1 when the rows could be read.", (), [((), float(status.record is not None))])
    jobs, job = status.record.jobs if status.record is not None else [], ("job",)
    ages = [((one.key,), one.begun_age_s) for one in jobs]
    yield _gauge("job_age_seconds", "Since the job was last begun.", job, ages)
    yield _counter("job_failures", "Failures since ever.", job, [((one.key,), float(one.failures)) for one in jobs])


def _requests(times: RequestTimes) -> Metric:
    what = "Time to the first byte of the answer, by template of the route."
    family = HistogramMetricFamily("ondijon_http_request_seconds", what, labels=("method", "route", "status"))
    for key, found in sorted(times.by_key.items()):
        family.add_metric((key.method, key.route, str(key.status)), list(_buckets(found)), found.sum_s)
    return family


def _buckets(times: Times) -> Iterator[tuple[str, float]]:
    """Cumulative, as the format wants them."""
    total = 0
    for bound, count in zip([*map(str, BOUNDS_S), "+Inf"], times.counts, strict=True):
        total += count
        yield bound, float(total)
