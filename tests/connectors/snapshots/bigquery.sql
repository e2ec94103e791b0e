-- date
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END AS kpisheets_frequency, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT `buyer`) AS kpisheets_3,
  sum(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM (
  SELECT records.*, kpisheets_day AS kpisheets_daily, DATE_TRUNC(kpisheets_day, WEEK(MONDAY)) AS kpisheets_weekly, DATE_TRUNC(kpisheets_day, MONTH) AS kpisheets_monthly, DATE_SUB(DATE_TRUNC(kpisheets_day, MONTH), INTERVAL MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 3) MONTH) AS kpisheets_quarterly, DATE_SUB(DATE_TRUNC(kpisheets_day, MONTH), INTERVAL MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 12) MONTH) AS kpisheets_yearly FROM (
  SELECT `amount`, `buyer`, `qty`, `status`, `day` AS kpisheets_day
  FROM `sales`
  WHERE `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE)
  ) records
) bucketed
GROUP BY GROUPING SETS ((kpisheets_daily), (kpisheets_weekly), (kpisheets_monthly), (kpisheets_quarterly), (kpisheets_yearly))
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT(`day`) AS kpisheets_dated, COUNT(`day`) AS kpisheets_usable,
  COUNT(CASE WHEN `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE) THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE) THEN `day` END) AS kpisheets_earliest,
  MAX(CASE WHEN `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE) THEN `day` END) AS kpisheets_latest
FROM (SELECT `day` FROM `sales`) dated

-- timestamp
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END AS kpisheets_frequency, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT `buyer`) AS kpisheets_3,
  sum(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM (
  SELECT records.*, kpisheets_day AS kpisheets_daily, DATE_TRUNC(kpisheets_day, WEEK(MONDAY)) AS kpisheets_weekly, DATE_TRUNC(kpisheets_day, MONTH) AS kpisheets_monthly, DATE_SUB(DATE_TRUNC(kpisheets_day, MONTH), INTERVAL MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 3) MONTH) AS kpisheets_quarterly, DATE_SUB(DATE_TRUNC(kpisheets_day, MONTH), INTERVAL MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 12) MONTH) AS kpisheets_yearly FROM (
  SELECT `amount`, `buyer`, `qty`, `status`, CAST(`local` AS DATE) AS kpisheets_day
  FROM `sales`
  WHERE `local` >= CAST(? AS DATETIME) AND `local` < CAST(? AS DATETIME)
  ) records
) bucketed
GROUP BY GROUPING SETS ((kpisheets_daily), (kpisheets_weekly), (kpisheets_monthly), (kpisheets_quarterly), (kpisheets_yearly))
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT(`local`) AS kpisheets_dated, COUNT(`local`) AS kpisheets_usable,
  COUNT(CASE WHEN `local` >= CAST(? AS DATETIME) AND `local` < CAST(? AS DATETIME) THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN `local` >= CAST(? AS DATETIME) AND `local` < CAST(? AS DATETIME) THEN `local` END) AS kpisheets_earliest,
  MAX(CASE WHEN `local` >= CAST(? AS DATETIME) AND `local` < CAST(? AS DATETIME) THEN `local` END) AS kpisheets_latest
FROM (SELECT `local` FROM `sales`) dated

-- timestamp with time zone
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END AS kpisheets_frequency, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT `buyer`) AS kpisheets_3,
  sum(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM (
  SELECT records.*, kpisheets_day AS kpisheets_daily, DATE_TRUNC(kpisheets_day, WEEK(MONDAY)) AS kpisheets_weekly, DATE_TRUNC(kpisheets_day, MONTH) AS kpisheets_monthly, DATE_SUB(DATE_TRUNC(kpisheets_day, MONTH), INTERVAL MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 3) MONTH) AS kpisheets_quarterly, DATE_SUB(DATE_TRUNC(kpisheets_day, MONTH), INTERVAL MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 12) MONTH) AS kpisheets_yearly FROM (
  SELECT `amount`, `buyer`, `qty`, `status`, DATE(`instant`, 'Asia/Kathmandu') AS kpisheets_day
  FROM `sales`
  WHERE `instant` >= CAST(? AS TIMESTAMP) AND `instant` < CAST(? AS TIMESTAMP)
  ) records
) bucketed
GROUP BY GROUPING SETS ((kpisheets_daily), (kpisheets_weekly), (kpisheets_monthly), (kpisheets_quarterly), (kpisheets_yearly))
-- 2024-12-31T18:15:00+00:00, 2026-11-30T18:15:00+00:00

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT(`instant`) AS kpisheets_dated, COUNT(`instant`) AS kpisheets_usable,
  COUNT(CASE WHEN `instant` >= CAST(? AS TIMESTAMP) AND `instant` < CAST(? AS TIMESTAMP) THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN `instant` >= CAST(? AS TIMESTAMP) AND `instant` < CAST(? AS TIMESTAMP) THEN `instant` END) AS kpisheets_earliest,
  MAX(CASE WHEN `instant` >= CAST(? AS TIMESTAMP) AND `instant` < CAST(? AS TIMESTAMP) THEN `instant` END) AS kpisheets_latest
FROM (SELECT `instant` FROM `sales`) dated

-- weeks of 4-4-5
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END AS kpisheets_frequency, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT `buyer`) AS kpisheets_3,
  sum(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM (
  SELECT records.*, kpisheets_day AS kpisheets_daily, DATE_ADD(DATE_TRUNC(DATE_ADD(kpisheets_day, INTERVAL -6 DAY), WEEK(MONDAY)), INTERVAL 6 DAY) AS kpisheets_weekly, CASE WHEN kpisheets_day < CAST('2025-03-30' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-02-02' AS DATE) THEN CAST('2024-12-29' AS DATE) WHEN kpisheets_day < CAST('2025-03-02' AS DATE) THEN CAST('2025-02-02' AS DATE) ELSE CAST('2025-03-02' AS DATE) END WHEN kpisheets_day < CAST('2025-06-29' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-05-04' AS DATE) THEN CAST('2025-03-30' AS DATE) WHEN kpisheets_day < CAST('2025-06-01' AS DATE) THEN CAST('2025-05-04' AS DATE) ELSE CAST('2025-06-01' AS DATE) END WHEN kpisheets_day < CAST('2025-09-28' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-08-03' AS DATE) THEN CAST('2025-06-29' AS DATE) WHEN kpisheets_day < CAST('2025-08-31' AS DATE) THEN CAST('2025-08-03' AS DATE) ELSE CAST('2025-08-31' AS DATE) END WHEN kpisheets_day < CAST('2025-12-28' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-11-02' AS DATE) THEN CAST('2025-09-28' AS DATE) WHEN kpisheets_day < CAST('2025-11-30' AS DATE) THEN CAST('2025-11-02' AS DATE) ELSE CAST('2025-11-30' AS DATE) END WHEN kpisheets_day < CAST('2026-03-29' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-02-01' AS DATE) THEN CAST('2025-12-28' AS DATE) WHEN kpisheets_day < CAST('2026-03-01' AS DATE) THEN CAST('2026-02-01' AS DATE) ELSE CAST('2026-03-01' AS DATE) END WHEN kpisheets_day < CAST('2026-06-28' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-05-03' AS DATE) THEN CAST('2026-03-29' AS DATE) WHEN kpisheets_day < CAST('2026-05-31' AS DATE) THEN CAST('2026-05-03' AS DATE) ELSE CAST('2026-05-31' AS DATE) END WHEN kpisheets_day < CAST('2026-09-27' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-08-02' AS DATE) THEN CAST('2026-06-28' AS DATE) WHEN kpisheets_day < CAST('2026-08-30' AS DATE) THEN CAST('2026-08-02' AS DATE) ELSE CAST('2026-08-30' AS DATE) END ELSE CASE WHEN kpisheets_day < CAST('2026-11-01' AS DATE) THEN CAST('2026-09-27' AS DATE) WHEN kpisheets_day < CAST('2026-11-29' AS DATE) THEN CAST('2026-11-01' AS DATE) ELSE CAST('2026-11-29' AS DATE) END END AS kpisheets_monthly, CASE WHEN kpisheets_day < CAST('2025-05-04' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-02-02' AS DATE) THEN CAST('2024-11-03' AS DATE) ELSE CAST('2025-02-02' AS DATE) END WHEN kpisheets_day < CAST('2025-11-02' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-08-03' AS DATE) THEN CAST('2025-05-04' AS DATE) ELSE CAST('2025-08-03' AS DATE) END WHEN kpisheets_day < CAST('2026-05-03' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-02-01' AS DATE) THEN CAST('2025-11-02' AS DATE) ELSE CAST('2026-02-01' AS DATE) END WHEN kpisheets_day < CAST('2026-11-01' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-08-02' AS DATE) THEN CAST('2026-05-03' AS DATE) ELSE CAST('2026-08-02' AS DATE) END ELSE CAST('2026-11-01' AS DATE) END AS kpisheets_quarterly, CASE WHEN kpisheets_day < CAST('2025-02-02' AS DATE) THEN CAST('2024-02-04' AS DATE) WHEN kpisheets_day < CAST('2026-02-01' AS DATE) THEN CAST('2025-02-02' AS DATE) ELSE CAST('2026-02-01' AS DATE) END AS kpisheets_yearly FROM (
  SELECT `amount`, `buyer`, `qty`, `status`, `day` AS kpisheets_day
  FROM `sales`
  WHERE `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE)
  ) records
) bucketed
GROUP BY GROUPING SETS ((kpisheets_daily), (kpisheets_weekly), (kpisheets_monthly), (kpisheets_quarterly), (kpisheets_yearly))
