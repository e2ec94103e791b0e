-- date
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END AS kpisheets_frequency, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT "buyer") AS kpisheets_3,
  SUM(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM (
  SELECT records.*, kpisheets_day AS kpisheets_daily, TRUNC(kpisheets_day, 'IW') AS kpisheets_weekly, TRUNC(kpisheets_day, 'MM') AS kpisheets_monthly, ADD_MONTHS(TRUNC(kpisheets_day, 'MM'), -MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 3)) AS kpisheets_quarterly, ADD_MONTHS(TRUNC(kpisheets_day, 'MM'), -MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 12)) AS kpisheets_yearly FROM (
  SELECT "amount", "buyer", "qty", "status", TRUNC("day") AS kpisheets_day
  FROM "sales"
  WHERE "day" >= TO_DATE(?, 'YYYY-MM-DD') AND "day" < TO_DATE(?, 'YYYY-MM-DD')
  ) records
) bucketed
GROUP BY GROUPING SETS ((kpisheets_daily), (kpisheets_weekly), (kpisheets_monthly), (kpisheets_quarterly), (kpisheets_yearly))
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT("day") AS kpisheets_dated, COUNT("day") AS kpisheets_usable,
  COUNT(CASE WHEN "day" >= TO_DATE(?, 'YYYY-MM-DD') AND "day" < TO_DATE(?, 'YYYY-MM-DD') THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN "day" >= TO_DATE(?, 'YYYY-MM-DD') AND "day" < TO_DATE(?, 'YYYY-MM-DD') THEN "day" END) AS kpisheets_earliest,
  MAX(CASE WHEN "day" >= TO_DATE(?, 'YYYY-MM-DD') AND "day" < TO_DATE(?, 'YYYY-MM-DD') THEN "day" END) AS kpisheets_latest
FROM (SELECT "day" FROM "sales") dated

-- timestamp
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END AS kpisheets_frequency, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT "buyer") AS kpisheets_3,
  SUM(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM (
  SELECT records.*, kpisheets_day AS kpisheets_daily, TRUNC(kpisheets_day, 'IW') AS kpisheets_weekly, TRUNC(kpisheets_day, 'MM') AS kpisheets_monthly, ADD_MONTHS(TRUNC(kpisheets_day, 'MM'), -MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 3)) AS kpisheets_quarterly, ADD_MONTHS(TRUNC(kpisheets_day, 'MM'), -MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 12)) AS kpisheets_yearly FROM (
  SELECT "amount", "buyer", "qty", "status", TRUNC(CAST("local" AS DATE)) AS kpisheets_day
  FROM "sales"
  WHERE "local" >= TO_DATE(?, 'YYYY-MM-DD') AND "local" < TO_DATE(?, 'YYYY-MM-DD')
  ) records
) bucketed
GROUP BY GROUPING SETS ((kpisheets_daily), (kpisheets_weekly), (kpisheets_monthly), (kpisheets_quarterly), (kpisheets_yearly))
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT("local") AS kpisheets_dated, COUNT("local") AS kpisheets_usable,
  COUNT(CASE WHEN "local" >= TO_DATE(?, 'YYYY-MM-DD') AND "local" < TO_DATE(?, 'YYYY-MM-DD') THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN "local" >= TO_DATE(?, 'YYYY-MM-DD') AND "local" < TO_DATE(?, 'YYYY-MM-DD') THEN "local" END) AS kpisheets_earliest,
  MAX(CASE WHEN "local" >= TO_DATE(?, 'YYYY-MM-DD') AND "local" < TO_DATE(?, 'YYYY-MM-DD') THEN "local" END) AS kpisheets_latest
FROM (SELECT "local" FROM "sales") dated

-- timestamp with time zone
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END AS kpisheets_frequency, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT "buyer") AS kpisheets_3,
  SUM(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM (
  SELECT records.*, kpisheets_day AS kpisheets_daily, TRUNC(kpisheets_day, 'IW') AS kpisheets_weekly, TRUNC(kpisheets_day, 'MM') AS kpisheets_monthly, ADD_MONTHS(TRUNC(kpisheets_day, 'MM'), -MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 3)) AS kpisheets_quarterly, ADD_MONTHS(TRUNC(kpisheets_day, 'MM'), -MOD((EXTRACT(MONTH FROM kpisheets_day) + 8), 12)) AS kpisheets_yearly FROM (
  SELECT "amount", "buyer", "qty", "status", TRUNC(CAST("instant" AT TIME ZONE 'Asia/Kathmandu' AS DATE)) AS kpisheets_day
  FROM "sales"
  WHERE "instant" >= TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AND "instant" < TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')
  ) records
) bucketed
GROUP BY GROUPING SETS ((kpisheets_daily), (kpisheets_weekly), (kpisheets_monthly), (kpisheets_quarterly), (kpisheets_yearly))
-- 2024-12-31T18:15:00+00:00, 2026-11-30T18:15:00+00:00

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT("instant") AS kpisheets_dated, COUNT("instant") AS kpisheets_usable,
  COUNT(CASE WHEN "instant" >= TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AND "instant" < TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN "instant" >= TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AND "instant" < TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') THEN "instant" END) AS kpisheets_earliest,
  MAX(CASE WHEN "instant" >= TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AND "instant" < TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') THEN "instant" END) AS kpisheets_latest
FROM (SELECT "instant" FROM "sales") dated

-- weeks of 4-4-5
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END AS kpisheets_frequency, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT "buyer") AS kpisheets_3,
  SUM(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM (
  SELECT records.*, kpisheets_day AS kpisheets_daily, (TRUNC((kpisheets_day + (-6)), 'IW') + (6)) AS kpisheets_weekly, CASE WHEN kpisheets_day < TO_DATE('2025-03-30', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2025-02-02', 'YYYY-MM-DD') THEN TO_DATE('2024-12-29', 'YYYY-MM-DD') WHEN kpisheets_day < TO_DATE('2025-03-02', 'YYYY-MM-DD') THEN TO_DATE('2025-02-02', 'YYYY-MM-DD') ELSE TO_DATE('2025-03-02', 'YYYY-MM-DD') END WHEN kpisheets_day < TO_DATE('2025-06-29', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2025-05-04', 'YYYY-MM-DD') THEN TO_DATE('2025-03-30', 'YYYY-MM-DD') WHEN kpisheets_day < TO_DATE('2025-06-01', 'YYYY-MM-DD') THEN TO_DATE('2025-05-04', 'YYYY-MM-DD') ELSE TO_DATE('2025-06-01', 'YYYY-MM-DD') END WHEN kpisheets_day < TO_DATE('2025-09-28', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2025-08-03', 'YYYY-MM-DD') THEN TO_DATE('2025-06-29', 'YYYY-MM-DD') WHEN kpisheets_day < TO_DATE('2025-08-31', 'YYYY-MM-DD') THEN TO_DATE('2025-08-03', 'YYYY-MM-DD') ELSE TO_DATE('2025-08-31', 'YYYY-MM-DD') END WHEN kpisheets_day < TO_DATE('2025-12-28', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2025-11-02', 'YYYY-MM-DD') THEN TO_DATE('2025-09-28', 'YYYY-MM-DD') WHEN kpisheets_day < TO_DATE('2025-11-30', 'YYYY-MM-DD') THEN TO_DATE('2025-11-02', 'YYYY-MM-DD') ELSE TO_DATE('2025-11-30', 'YYYY-MM-DD') END WHEN kpisheets_day < TO_DATE('2026-03-29', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2026-02-01', 'YYYY-MM-DD') THEN TO_DATE('2025-12-28', 'YYYY-MM-DD') WHEN kpisheets_day < TO_DATE('2026-03-01', 'YYYY-MM-DD') THEN TO_DATE('2026-02-01', 'YYYY-MM-DD') ELSE TO_DATE('2026-03-01', 'YYYY-MM-DD') END WHEN kpisheets_day < TO_DATE('2026-06-28', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2026-05-03', 'YYYY-MM-DD') THEN TO_DATE('2026-03-29', 'YYYY-MM-DD') WHEN kpisheets_day < TO_DATE('2026-05-31', 'YYYY-MM-DD') THEN TO_DATE('2026-05-03', 'YYYY-MM-DD') ELSE TO_DATE('2026-05-31', 'YYYY-MM-DD') END WHEN kpisheets_day < TO_DATE('2026-09-27', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2026-08-02', 'YYYY-MM-DD') THEN TO_DATE('2026-06-28', 'YYYY-MM-DD') WHEN kpisheets_day < TO_DATE('2026-08-30', 'YYYY-MM-DD') THEN TO_DATE('2026-08-02', 'YYYY-MM-DD') ELSE TO_DATE('2026-08-30', 'YYYY-MM-DD') END ELSE CASE WHEN kpisheets_day < TO_DATE('2026-11-01', 'YYYY-MM-DD') THEN TO_DATE('2026-09-27', 'YYYY-MM-DD') WHEN kpisheets_day < TO_DATE('2026-11-29', 'YYYY-MM-DD') THEN TO_DATE('2026-11-01', 'YYYY-MM-DD') ELSE TO_DATE('2026-11-29', 'YYYY-MM-DD') END END AS kpisheets_monthly, CASE WHEN kpisheets_day < TO_DATE('2025-05-04', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2025-02-02', 'YYYY-MM-DD') THEN TO_DATE('2024-11-03', 'YYYY-MM-DD') ELSE TO_DATE('2025-02-02', 'YYYY-MM-DD') END WHEN kpisheets_day < TO_DATE('2025-11-02', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2025-08-03', 'YYYY-MM-DD') THEN TO_DATE('2025-05-04', 'YYYY-MM-DD') ELSE TO_DATE('2025-08-03', 'YYYY-MM-DD') END WHEN kpisheets_day < TO_DATE('2026-05-03', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2026-02-01', 'YYYY-MM-DD') THEN TO_DATE('2025-11-02', 'YYYY-MM-DD') ELSE TO_DATE('2026-02-01', 'YYYY-MM-DD') END WHEN kpisheets_day < TO_DATE('2026-11-01', 'YYYY-MM-DD') THEN CASE WHEN kpisheets_day < TO_DATE('2026-08-02', 'YYYY-MM-DD') THEN TO_DATE('2026-05-03', 'YYYY-MM-DD') ELSE TO_DATE('2026-08-02', 'YYYY-MM-DD') END ELSE TO_DATE('2026-11-01', 'YYYY-MM-DD') END AS kpisheets_quarterly, CASE WHEN kpisheets_day < TO_DATE('2025-02-02', 'YYYY-MM-DD') THEN TO_DATE('2024-02-04', 'YYYY-MM-DD') WHEN kpisheets_day < TO_DATE('2026-02-01', 'YYYY-MM-DD') THEN TO_DATE('2025-02-02', 'YYYY-MM-DD') ELSE TO_DATE('2026-02-01', 'YYYY-MM-DD') END AS kpisheets_yearly FROM (
  SELECT "amount", "buyer", "qty", "status", TRUNC("day") AS kpisheets_day
  FROM "sales"
  WHERE "day" >= TO_DATE(?, 'YYYY-MM-DD') AND "day" < TO_DATE(?, 'YYYY-MM-DD')
  ) records
) bucketed
GROUP BY GROUPING SETS ((kpisheets_daily), (kpisheets_weekly), (kpisheets_monthly), (kpisheets_quarterly), (kpisheets_yearly))
