-- date
WITH records AS (
  SELECT "amount", "buyer", "qty", "status", "day" AS kpisheets_day
  FROM "sales"
  WHERE "day" >= toDate32(?) AND "day" < toDate32(?)
)
SELECT 'Daily' AS kpisheets_frequency, kpisheets_day AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly' AS kpisheets_frequency, toMonday(kpisheets_day) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY toMonday(kpisheets_day)
UNION ALL
SELECT 'Monthly' AS kpisheets_frequency, toStartOfMonth(kpisheets_day) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY toStartOfMonth(kpisheets_day)
UNION ALL
SELECT 'Quarterly' AS kpisheets_frequency, addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3)) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3))
UNION ALL
SELECT 'Yearly' AS kpisheets_frequency, addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12)) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12))
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT("day") AS kpisheets_dated, COUNT("day") AS kpisheets_usable,
  COUNT(CASE WHEN "day" >= toDate32(?) AND "day" < toDate32(?) THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN "day" >= toDate32(?) AND "day" < toDate32(?) THEN "day" END) AS kpisheets_earliest,
  MAX(CASE WHEN "day" >= toDate32(?) AND "day" < toDate32(?) THEN "day" END) AS kpisheets_latest
FROM (SELECT "day" FROM "sales") dated

-- timestamp
WITH records AS (
  SELECT "amount", "buyer", "qty", "status", toDate32("local") AS kpisheets_day
  FROM "sales"
  WHERE "local" >= toDate32(?) AND "local" < toDate32(?)
)
SELECT 'Daily' AS kpisheets_frequency, kpisheets_day AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly' AS kpisheets_frequency, toMonday(kpisheets_day) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY toMonday(kpisheets_day)
UNION ALL
SELECT 'Monthly' AS kpisheets_frequency, toStartOfMonth(kpisheets_day) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY toStartOfMonth(kpisheets_day)
UNION ALL
SELECT 'Quarterly' AS kpisheets_frequency, addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3)) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3))
UNION ALL
SELECT 'Yearly' AS kpisheets_frequency, addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12)) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12))
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT("local") AS kpisheets_dated, COUNT("local") AS kpisheets_usable,
  COUNT(CASE WHEN "local" >= toDate32(?) AND "local" < toDate32(?) THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN "local" >= toDate32(?) AND "local" < toDate32(?) THEN "local" END) AS kpisheets_earliest,
  MAX(CASE WHEN "local" >= toDate32(?) AND "local" < toDate32(?) THEN "local" END) AS kpisheets_latest
FROM (SELECT "local" FROM "sales") dated

-- timestamp with time zone
WITH records AS (
  SELECT "amount", "buyer", "qty", "status", toDate32("instant", 'Asia/Kathmandu') AS kpisheets_day
  FROM "sales"
  WHERE "instant" >= parseDateTime64BestEffort(?) AND "instant" < parseDateTime64BestEffort(?)
)
SELECT 'Daily' AS kpisheets_frequency, kpisheets_day AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly' AS kpisheets_frequency, toMonday(kpisheets_day) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY toMonday(kpisheets_day)
UNION ALL
SELECT 'Monthly' AS kpisheets_frequency, toStartOfMonth(kpisheets_day) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY toStartOfMonth(kpisheets_day)
UNION ALL
SELECT 'Quarterly' AS kpisheets_frequency, addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3)) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3))
UNION ALL
SELECT 'Yearly' AS kpisheets_frequency, addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12)) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12))
-- 2024-12-31T18:15:00+00:00, 2026-11-30T18:15:00+00:00

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT("instant") AS kpisheets_dated, COUNT("instant") AS kpisheets_usable,
  COUNT(CASE WHEN "instant" >= parseDateTime64BestEffort(?) AND "instant" < parseDateTime64BestEffort(?) THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN "instant" >= parseDateTime64BestEffort(?) AND "instant" < parseDateTime64BestEffort(?) THEN "instant" END) AS kpisheets_earliest,
  MAX(CASE WHEN "instant" >= parseDateTime64BestEffort(?) AND "instant" < parseDateTime64BestEffort(?) THEN "instant" END) AS kpisheets_latest
FROM (SELECT "instant" FROM "sales") dated
