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

-- weeks of 4-4-5
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
SELECT 'Weekly' AS kpisheets_frequency, addDays(toMonday(addDays(kpisheets_day, -6)), 6) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY addDays(toMonday(addDays(kpisheets_day, -6)), 6)
UNION ALL
SELECT 'Monthly' AS kpisheets_frequency, CASE WHEN kpisheets_day < toDate32('2025-03-30') THEN CASE WHEN kpisheets_day < toDate32('2025-02-02') THEN toDate32('2024-12-29') WHEN kpisheets_day < toDate32('2025-03-02') THEN toDate32('2025-02-02') ELSE toDate32('2025-03-02') END WHEN kpisheets_day < toDate32('2025-06-29') THEN CASE WHEN kpisheets_day < toDate32('2025-05-04') THEN toDate32('2025-03-30') WHEN kpisheets_day < toDate32('2025-06-01') THEN toDate32('2025-05-04') ELSE toDate32('2025-06-01') END WHEN kpisheets_day < toDate32('2025-09-28') THEN CASE WHEN kpisheets_day < toDate32('2025-08-03') THEN toDate32('2025-06-29') WHEN kpisheets_day < toDate32('2025-08-31') THEN toDate32('2025-08-03') ELSE toDate32('2025-08-31') END WHEN kpisheets_day < toDate32('2025-12-28') THEN CASE WHEN kpisheets_day < toDate32('2025-11-02') THEN toDate32('2025-09-28') WHEN kpisheets_day < toDate32('2025-11-30') THEN toDate32('2025-11-02') ELSE toDate32('2025-11-30') END WHEN kpisheets_day < toDate32('2026-03-29') THEN CASE WHEN kpisheets_day < toDate32('2026-02-01') THEN toDate32('2025-12-28') WHEN kpisheets_day < toDate32('2026-03-01') THEN toDate32('2026-02-01') ELSE toDate32('2026-03-01') END WHEN kpisheets_day < toDate32('2026-06-28') THEN CASE WHEN kpisheets_day < toDate32('2026-05-03') THEN toDate32('2026-03-29') WHEN kpisheets_day < toDate32('2026-05-31') THEN toDate32('2026-05-03') ELSE toDate32('2026-05-31') END WHEN kpisheets_day < toDate32('2026-09-27') THEN CASE WHEN kpisheets_day < toDate32('2026-08-02') THEN toDate32('2026-06-28') WHEN kpisheets_day < toDate32('2026-08-30') THEN toDate32('2026-08-02') ELSE toDate32('2026-08-30') END ELSE CASE WHEN kpisheets_day < toDate32('2026-11-01') THEN toDate32('2026-09-27') WHEN kpisheets_day < toDate32('2026-11-29') THEN toDate32('2026-11-01') ELSE toDate32('2026-11-29') END END AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY CASE WHEN kpisheets_day < toDate32('2025-03-30') THEN CASE WHEN kpisheets_day < toDate32('2025-02-02') THEN toDate32('2024-12-29') WHEN kpisheets_day < toDate32('2025-03-02') THEN toDate32('2025-02-02') ELSE toDate32('2025-03-02') END WHEN kpisheets_day < toDate32('2025-06-29') THEN CASE WHEN kpisheets_day < toDate32('2025-05-04') THEN toDate32('2025-03-30') WHEN kpisheets_day < toDate32('2025-06-01') THEN toDate32('2025-05-04') ELSE toDate32('2025-06-01') END WHEN kpisheets_day < toDate32('2025-09-28') THEN CASE WHEN kpisheets_day < toDate32('2025-08-03') THEN toDate32('2025-06-29') WHEN kpisheets_day < toDate32('2025-08-31') THEN toDate32('2025-08-03') ELSE toDate32('2025-08-31') END WHEN kpisheets_day < toDate32('2025-12-28') THEN CASE WHEN kpisheets_day < toDate32('2025-11-02') THEN toDate32('2025-09-28') WHEN kpisheets_day < toDate32('2025-11-30') THEN toDate32('2025-11-02') ELSE toDate32('2025-11-30') END WHEN kpisheets_day < toDate32('2026-03-29') THEN CASE WHEN kpisheets_day < toDate32('2026-02-01') THEN toDate32('2025-12-28') WHEN kpisheets_day < toDate32('2026-03-01') THEN toDate32('2026-02-01') ELSE toDate32('2026-03-01') END WHEN kpisheets_day < toDate32('2026-06-28') THEN CASE WHEN kpisheets_day < toDate32('2026-05-03') THEN toDate32('2026-03-29') WHEN kpisheets_day < toDate32('2026-05-31') THEN toDate32('2026-05-03') ELSE toDate32('2026-05-31') END WHEN kpisheets_day < toDate32('2026-09-27') THEN CASE WHEN kpisheets_day < toDate32('2026-08-02') THEN toDate32('2026-06-28') WHEN kpisheets_day < toDate32('2026-08-30') THEN toDate32('2026-08-02') ELSE toDate32('2026-08-30') END ELSE CASE WHEN kpisheets_day < toDate32('2026-11-01') THEN toDate32('2026-09-27') WHEN kpisheets_day < toDate32('2026-11-29') THEN toDate32('2026-11-01') ELSE toDate32('2026-11-29') END END
UNION ALL
SELECT 'Quarterly' AS kpisheets_frequency, CASE WHEN kpisheets_day < toDate32('2025-05-04') THEN CASE WHEN kpisheets_day < toDate32('2025-02-02') THEN toDate32('2024-11-03') ELSE toDate32('2025-02-02') END WHEN kpisheets_day < toDate32('2025-11-02') THEN CASE WHEN kpisheets_day < toDate32('2025-08-03') THEN toDate32('2025-05-04') ELSE toDate32('2025-08-03') END WHEN kpisheets_day < toDate32('2026-05-03') THEN CASE WHEN kpisheets_day < toDate32('2026-02-01') THEN toDate32('2025-11-02') ELSE toDate32('2026-02-01') END WHEN kpisheets_day < toDate32('2026-11-01') THEN CASE WHEN kpisheets_day < toDate32('2026-08-02') THEN toDate32('2026-05-03') ELSE toDate32('2026-08-02') END ELSE toDate32('2026-11-01') END AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY CASE WHEN kpisheets_day < toDate32('2025-05-04') THEN CASE WHEN kpisheets_day < toDate32('2025-02-02') THEN toDate32('2024-11-03') ELSE toDate32('2025-02-02') END WHEN kpisheets_day < toDate32('2025-11-02') THEN CASE WHEN kpisheets_day < toDate32('2025-08-03') THEN toDate32('2025-05-04') ELSE toDate32('2025-08-03') END WHEN kpisheets_day < toDate32('2026-05-03') THEN CASE WHEN kpisheets_day < toDate32('2026-02-01') THEN toDate32('2025-11-02') ELSE toDate32('2026-02-01') END WHEN kpisheets_day < toDate32('2026-11-01') THEN CASE WHEN kpisheets_day < toDate32('2026-08-02') THEN toDate32('2026-05-03') ELSE toDate32('2026-08-02') END ELSE toDate32('2026-11-01') END
UNION ALL
SELECT 'Yearly' AS kpisheets_frequency, CASE WHEN kpisheets_day < toDate32('2025-02-02') THEN toDate32('2024-02-04') WHEN kpisheets_day < toDate32('2026-02-01') THEN toDate32('2025-02-02') ELSE toDate32('2026-02-01') END AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN "status" = 'paid' THEN 1 END) AS kpisheets_0,
  sum(CASE WHEN "status" = 'paid' THEN "amount" END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  count(DISTINCT "buyer") AS kpisheets_3,
  sum(CASE WHEN "qty" > 2 THEN 1 ELSE 0 END) AS kpisheets_4,
  count(*) AS kpisheets_5
FROM records
GROUP BY CASE WHEN kpisheets_day < toDate32('2025-02-02') THEN toDate32('2024-02-04') WHEN kpisheets_day < toDate32('2026-02-01') THEN toDate32('2025-02-02') ELSE toDate32('2026-02-01') END
