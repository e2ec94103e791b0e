-- date
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  SUM(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  COUNT(DISTINCT "buyer"),
  SUM(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END)
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
SELECT COUNT(*), COUNT("day"), COUNT("day"), COUNT(CASE WHEN "day" >= TO_DATE(?, 'YYYY-MM-DD') AND "day" < TO_DATE(?, 'YYYY-MM-DD') THEN 1 END), MIN(CASE WHEN "day" >= TO_DATE(?, 'YYYY-MM-DD') AND "day" < TO_DATE(?, 'YYYY-MM-DD') THEN "day" END), MAX(CASE WHEN "day" >= TO_DATE(?, 'YYYY-MM-DD') AND "day" < TO_DATE(?, 'YYYY-MM-DD') THEN "day" END)
FROM (SELECT "day" FROM "sales") dated

-- timestamp
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  SUM(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  COUNT(DISTINCT "buyer"),
  SUM(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END)
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
SELECT COUNT(*), COUNT("local"), COUNT("local"), COUNT(CASE WHEN "local" >= TO_DATE(?, 'YYYY-MM-DD') AND "local" < TO_DATE(?, 'YYYY-MM-DD') THEN 1 END), MIN(CASE WHEN "local" >= TO_DATE(?, 'YYYY-MM-DD') AND "local" < TO_DATE(?, 'YYYY-MM-DD') THEN "local" END), MAX(CASE WHEN "local" >= TO_DATE(?, 'YYYY-MM-DD') AND "local" < TO_DATE(?, 'YYYY-MM-DD') THEN "local" END)
FROM (SELECT "local" FROM "sales") dated

-- timestamp with time zone
SELECT CASE WHEN kpisheets_daily IS NOT NULL THEN 'Daily' WHEN kpisheets_weekly IS NOT NULL THEN 'Weekly' WHEN kpisheets_monthly IS NOT NULL THEN 'Monthly' WHEN kpisheets_quarterly IS NOT NULL THEN 'Quarterly' WHEN kpisheets_yearly IS NOT NULL THEN 'Yearly' END, COALESCE(kpisheets_daily, kpisheets_weekly, kpisheets_monthly, kpisheets_quarterly, kpisheets_yearly),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  SUM(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  COUNT(DISTINCT "buyer"),
  SUM(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END)
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
SELECT COUNT(*), COUNT("instant"), COUNT("instant"), COUNT(CASE WHEN "instant" >= TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AND "instant" < TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') THEN 1 END), MIN(CASE WHEN "instant" >= TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AND "instant" < TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') THEN "instant" END), MAX(CASE WHEN "instant" >= TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AND "instant" < TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') THEN "instant" END)
FROM (SELECT "instant" FROM "sales") dated
