-- date
WITH records AS (
  SELECT "amount", "buyer", "qty", "status", "day" AS kpisheets_day
  FROM "sales"
  WHERE "day" >= toDate32(?) AND "day" < toDate32(?)
)
SELECT 'Daily', kpisheets_day,
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly', toMonday(kpisheets_day),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY toMonday(kpisheets_day)
UNION ALL
SELECT 'Monthly', toStartOfMonth(kpisheets_day),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY toStartOfMonth(kpisheets_day)
UNION ALL
SELECT 'Quarterly', addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3)),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3))
UNION ALL
SELECT 'Yearly', addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12)),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12))
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*), COUNT("day"), COUNT("day"), COUNT(CASE WHEN "day" >= toDate32(?) AND "day" < toDate32(?) THEN 1 END), MIN(CASE WHEN "day" >= toDate32(?) AND "day" < toDate32(?) THEN "day" END), MAX(CASE WHEN "day" >= toDate32(?) AND "day" < toDate32(?) THEN "day" END)
FROM (SELECT "day" FROM "sales") dated

-- timestamp
WITH records AS (
  SELECT "amount", "buyer", "qty", "status", toDate32("local") AS kpisheets_day
  FROM "sales"
  WHERE "local" >= toDate32(?) AND "local" < toDate32(?)
)
SELECT 'Daily', kpisheets_day,
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly', toMonday(kpisheets_day),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY toMonday(kpisheets_day)
UNION ALL
SELECT 'Monthly', toStartOfMonth(kpisheets_day),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY toStartOfMonth(kpisheets_day)
UNION ALL
SELECT 'Quarterly', addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3)),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3))
UNION ALL
SELECT 'Yearly', addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12)),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12))
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*), COUNT("local"), COUNT("local"), COUNT(CASE WHEN "local" >= toDate32(?) AND "local" < toDate32(?) THEN 1 END), MIN(CASE WHEN "local" >= toDate32(?) AND "local" < toDate32(?) THEN "local" END), MAX(CASE WHEN "local" >= toDate32(?) AND "local" < toDate32(?) THEN "local" END)
FROM (SELECT "local" FROM "sales") dated

-- timestamp with time zone
WITH records AS (
  SELECT "amount", "buyer", "qty", "status", toDate32("instant", 'Asia/Kathmandu') AS kpisheets_day
  FROM "sales"
  WHERE "instant" >= parseDateTime64BestEffort(?) AND "instant" < parseDateTime64BestEffort(?)
)
SELECT 'Daily', kpisheets_day,
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly', toMonday(kpisheets_day),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY toMonday(kpisheets_day)
UNION ALL
SELECT 'Monthly', toStartOfMonth(kpisheets_day),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY toStartOfMonth(kpisheets_day)
UNION ALL
SELECT 'Quarterly', addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3)),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 3))
UNION ALL
SELECT 'Yearly', addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12)),
  COUNT(*),
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END),
  sum(CASE WHEN "status" = 'paid' THEN "amount" END),
  COUNT(*),
  count(DISTINCT "buyer"),
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END),
  count(*)
FROM records
GROUP BY addMonths(toStartOfMonth(kpisheets_day), -((toMonth(kpisheets_day) + 8) % 12))
-- 2024-12-31T18:15:00+00:00, 2026-11-30T18:15:00+00:00

-- census
SELECT COUNT(*), COUNT("instant"), COUNT("instant"), COUNT(CASE WHEN "instant" >= parseDateTime64BestEffort(?) AND "instant" < parseDateTime64BestEffort(?) THEN 1 END), MIN(CASE WHEN "instant" >= parseDateTime64BestEffort(?) AND "instant" < parseDateTime64BestEffort(?) THEN "instant" END), MAX(CASE WHEN "instant" >= parseDateTime64BestEffort(?) AND "instant" < parseDateTime64BestEffort(?) THEN "instant" END)
FROM (SELECT "instant" FROM "sales") dated
