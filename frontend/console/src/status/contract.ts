/** The post's own health (docs/operations.md); null is always: not known. */
import type { Roles } from '../api/contract'

export type Service = {
  name: string
  state: string
  since: string
  restarts: number
  rss_bytes: number
  cpu_s: number
  /** Its address; empty where the post has one host only. */
  host: string
}
export type Disk = {
  name: string
  free_bytes: number
  total_bytes: number
  measured_h: number
  growth_bytes_a_day: number | null
  full_in_days: number | null
  host: string
}
export type Status = {
  at: string
  roles: Roles
  loop_lag_ms: Record<string, number>
  sockets: number
  services: Service[] | null
  disks: Disk[] | null
  backlog: { waiting: number; in_hand: number; redelivered: number; behind_s: number } | null
  intake: {
    per_s: number
    most_per_s: number | null
    busy_share: number
    is_shedding: boolean
    shed: Record<string, number>
  } | null
  backup_set_up: boolean | null
  backup: {
    age_s: number | null
    verified_age_s: number | null
    tested_age_s: number | null
    log_age_s: number | null
  } | null
  audit: {
    head_age_s: number
    is_protected: boolean
    verified_age_s: number | null
    finding: string | null
  } | null
  record: {
    jobs: { key: string; begun_age_s: number | null; failures: number }[]
    archived_day: string | null
    shed_24h: number
  } | null
}

/** What is too old, too full or too slow, so that somebody should look (docs/operations.md). */
export const BACKUP_OLD_S = 26 * 3600
export const DISK_SOON_DAYS = 7
export const BEHIND_S = 5
const MINUTE_S = 60

export type Forecast = 'unknown' | 'steady' | 'soon' | 'later'

export function forecastOf(disk: Disk): Forecast {
  if (disk.growth_bytes_a_day === null) return 'unknown'
  if (disk.full_in_days === null) return 'steady'
  return disk.full_in_days < DISK_SOON_DAYS ? 'soon' : 'later'
}

export function isHeadOld(audit: NonNullable<Status['audit']>): boolean {
  return audit.head_age_s > 2 * MINUTE_S
}

/** Seconds since a job was last begun; null where it never was. */
export function jobAge(record: NonNullable<Status['record']>, key: string): number | null {
  return record.jobs.find((job) => job.key === key)?.begun_age_s ?? null
}

export function gibibytes(bytes: number): number {
  return bytes / 2 ** 30
}

export function shedCount(shed: Record<string, number>): number {
  return Object.values(shed).reduce((sum, n) => sum + n, 0)
}
