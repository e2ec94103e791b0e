-- date
WITH records AS (
  SELECT `amount`, `buyer`, `qty`, `status`, `day` AS kpisheets_day
  FROM `sales`
  WHERE `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE)
)
SELECT 'Daily' AS kpisheets_frequency, kpisheets_day AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly' AS kpisheets_frequency, DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY)
UNION ALL
SELECT 'Monthly' AS kpisheets_frequency, DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY)
UNION ALL
SELECT 'Quarterly' AS kpisheets_frequency, DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH)
UNION ALL
SELECT 'Yearly' AS kpisheets_frequency, DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH)
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT(`day`) AS kpisheets_dated, COUNT(`day`) AS kpisheets_usable,
  COUNT(CASE WHEN `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE) THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE) THEN `day` END) AS kpisheets_earliest,
  MAX(CASE WHEN `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE) THEN `day` END) AS kpisheets_latest
FROM (SELECT `day` FROM `sales`) dated

-- timestamp
WITH records AS (
  SELECT `amount`, `buyer`, `qty`, `status`, CAST(`local` AS DATE) AS kpisheets_day
  FROM `sales`
  WHERE `local` >= CAST(? AS DATE) AND `local` < CAST(? AS DATE)
)
SELECT 'Daily' AS kpisheets_frequency, kpisheets_day AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly' AS kpisheets_frequency, DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY)
UNION ALL
SELECT 'Monthly' AS kpisheets_frequency, DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY)
UNION ALL
SELECT 'Quarterly' AS kpisheets_frequency, DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH)
UNION ALL
SELECT 'Yearly' AS kpisheets_frequency, DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH)
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT(`local`) AS kpisheets_dated, COUNT(`local`) AS kpisheets_usable,
  COUNT(CASE WHEN `local` >= CAST(? AS DATE) AND `local` < CAST(? AS DATE) THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN `local` >= CAST(? AS DATE) AND `local` < CAST(? AS DATE) THEN `local` END) AS kpisheets_earliest,
  MAX(CASE WHEN `local` >= CAST(? AS DATE) AND `local` < CAST(? AS DATE) THEN `local` END) AS kpisheets_latest
FROM (SELECT `local` FROM `sales`) dated

-- timestamp with time zone
WITH records AS (
  SELECT `amount`, `buyer`, `qty`, `status`, CAST(DATE_ADD(`instant`, INTERVAL 20700 SECOND) AS DATE) AS kpisheets_day
  FROM `sales`
  WHERE `instant` >= CAST(? AS DATETIME) AND `instant` < CAST(? AS DATETIME)
)
SELECT 'Daily' AS kpisheets_frequency, kpisheets_day AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly' AS kpisheets_frequency, DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY)
UNION ALL
SELECT 'Monthly' AS kpisheets_frequency, DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY)
UNION ALL
SELECT 'Quarterly' AS kpisheets_frequency, DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH)
UNION ALL
SELECT 'Yearly' AS kpisheets_frequency, DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH)
-- 2024-12-31 18:15:00, 2026-11-30 18:15:00

-- census
SELECT COUNT(*) AS kpisheets_records,
  COUNT(`instant`) AS kpisheets_dated, COUNT(`instant`) AS kpisheets_usable,
  COUNT(CASE WHEN `instant` >= CAST(? AS DATETIME) AND `instant` < CAST(? AS DATETIME) THEN 1 END) AS kpisheets_inside,
  MIN(CASE WHEN `instant` >= CAST(? AS DATETIME) AND `instant` < CAST(? AS DATETIME) THEN `instant` END) AS kpisheets_earliest,
  MAX(CASE WHEN `instant` >= CAST(? AS DATETIME) AND `instant` < CAST(? AS DATETIME) THEN `instant` END) AS kpisheets_latest
FROM (SELECT `instant` FROM `sales`) dated

-- weeks of 4-4-5
WITH records AS (
  SELECT `amount`, `buyer`, `qty`, `status`, `day` AS kpisheets_day
  FROM `sales`
  WHERE `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE)
)
SELECT 'Daily' AS kpisheets_frequency, kpisheets_day AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly' AS kpisheets_frequency, DATE_ADD(DATE_SUB(DATE_ADD(kpisheets_day, INTERVAL -6 DAY), INTERVAL WEEKDAY(DATE_ADD(kpisheets_day, INTERVAL -6 DAY)) DAY), INTERVAL 6 DAY) AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY DATE_ADD(DATE_SUB(DATE_ADD(kpisheets_day, INTERVAL -6 DAY), INTERVAL WEEKDAY(DATE_ADD(kpisheets_day, INTERVAL -6 DAY)) DAY), INTERVAL 6 DAY)
UNION ALL
SELECT 'Monthly' AS kpisheets_frequency, CASE WHEN kpisheets_day < CAST('2025-03-30' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-02-02' AS DATE) THEN CAST('2024-12-29' AS DATE) WHEN kpisheets_day < CAST('2025-03-02' AS DATE) THEN CAST('2025-02-02' AS DATE) ELSE CAST('2025-03-02' AS DATE) END WHEN kpisheets_day < CAST('2025-06-29' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-05-04' AS DATE) THEN CAST('2025-03-30' AS DATE) WHEN kpisheets_day < CAST('2025-06-01' AS DATE) THEN CAST('2025-05-04' AS DATE) ELSE CAST('2025-06-01' AS DATE) END WHEN kpisheets_day < CAST('2025-09-28' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-08-03' AS DATE) THEN CAST('2025-06-29' AS DATE) WHEN kpisheets_day < CAST('2025-08-31' AS DATE) THEN CAST('2025-08-03' AS DATE) ELSE CAST('2025-08-31' AS DATE) END WHEN kpisheets_day < CAST('2025-12-28' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-11-02' AS DATE) THEN CAST('2025-09-28' AS DATE) WHEN kpisheets_day < CAST('2025-11-30' AS DATE) THEN CAST('2025-11-02' AS DATE) ELSE CAST('2025-11-30' AS DATE) END WHEN kpisheets_day < CAST('2026-03-29' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-02-01' AS DATE) THEN CAST('2025-12-28' AS DATE) WHEN kpisheets_day < CAST('2026-03-01' AS DATE) THEN CAST('2026-02-01' AS DATE) ELSE CAST('2026-03-01' AS DATE) END WHEN kpisheets_day < CAST('2026-06-28' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-05-03' AS DATE) THEN CAST('2026-03-29' AS DATE) WHEN kpisheets_day < CAST('2026-05-31' AS DATE) THEN CAST('2026-05-03' AS DATE) ELSE CAST('2026-05-31' AS DATE) END WHEN kpisheets_day < CAST('2026-09-27' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-08-02' AS DATE) THEN CAST('2026-06-28' AS DATE) WHEN kpisheets_day < CAST('2026-08-30' AS DATE) THEN CAST('2026-08-02' AS DATE) ELSE CAST('2026-08-30' AS DATE) END ELSE CASE WHEN kpisheets_day < CAST('2026-11-01' AS DATE) THEN CAST('2026-09-27' AS DATE) WHEN kpisheets_day < CAST('2026-11-29' AS DATE) THEN CAST('2026-11-01' AS DATE) ELSE CAST('2026-11-29' AS DATE) END END AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY CASE WHEN kpisheets_day < CAST('2025-03-30' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-02-02' AS DATE) THEN CAST('2024-12-29' AS DATE) WHEN kpisheets_day < CAST('2025-03-02' AS DATE) THEN CAST('2025-02-02' AS DATE) ELSE CAST('2025-03-02' AS DATE) END WHEN kpisheets_day < CAST('2025-06-29' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-05-04' AS DATE) THEN CAST('2025-03-30' AS DATE) WHEN kpisheets_day < CAST('2025-06-01' AS DATE) THEN CAST('2025-05-04' AS DATE) ELSE CAST('2025-06-01' AS DATE) END WHEN kpisheets_day < CAST('2025-09-28' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-08-03' AS DATE) THEN CAST('2025-06-29' AS DATE) WHEN kpisheets_day < CAST('2025-08-31' AS DATE) THEN CAST('2025-08-03' AS DATE) ELSE CAST('2025-08-31' AS DATE) END WHEN kpisheets_day < CAST('2025-12-28' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-11-02' AS DATE) THEN CAST('2025-09-28' AS DATE) WHEN kpisheets_day < CAST('2025-11-30' AS DATE) THEN CAST('2025-11-02' AS DATE) ELSE CAST('2025-11-30' AS DATE) END WHEN kpisheets_day < CAST('2026-03-29' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-02-01' AS DATE) THEN CAST('2025-12-28' AS DATE) WHEN kpisheets_day < CAST('2026-03-01' AS DATE) THEN CAST('2026-02-01' AS DATE) ELSE CAST('2026-03-01' AS DATE) END WHEN kpisheets_day < CAST('2026-06-28' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-05-03' AS DATE) THEN CAST('2026-03-29' AS DATE) WHEN kpisheets_day < CAST('2026-05-31' AS DATE) THEN CAST('2026-05-03' AS DATE) ELSE CAST('2026-05-31' AS DATE) END WHEN kpisheets_day < CAST('2026-09-27' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-08-02' AS DATE) THEN CAST('2026-06-28' AS DATE) WHEN kpisheets_day < CAST('2026-08-30' AS DATE) THEN CAST('2026-08-02' AS DATE) ELSE CAST('2026-08-30' AS DATE) END ELSE CASE WHEN kpisheets_day < CAST('2026-11-01' AS DATE) THEN CAST('2026-09-27' AS DATE) WHEN kpisheets_day < CAST('2026-11-29' AS DATE) THEN CAST('2026-11-01' AS DATE) ELSE CAST('2026-11-29' AS DATE) END END
UNION ALL
SELECT 'Quarterly' AS kpisheets_frequency, CASE WHEN kpisheets_day < CAST('2025-05-04' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-02-02' AS DATE) THEN CAST('2024-11-03' AS DATE) ELSE CAST('2025-02-02' AS DATE) END WHEN kpisheets_day < CAST('2025-11-02' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-08-03' AS DATE) THEN CAST('2025-05-04' AS DATE) ELSE CAST('2025-08-03' AS DATE) END WHEN kpisheets_day < CAST('2026-05-03' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-02-01' AS DATE) THEN CAST('2025-11-02' AS DATE) ELSE CAST('2026-02-01' AS DATE) END WHEN kpisheets_day < CAST('2026-11-01' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-08-02' AS DATE) THEN CAST('2026-05-03' AS DATE) ELSE CAST('2026-08-02' AS DATE) END ELSE CAST('2026-11-01' AS DATE) END AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY CASE WHEN kpisheets_day < CAST('2025-05-04' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-02-02' AS DATE) THEN CAST('2024-11-03' AS DATE) ELSE CAST('2025-02-02' AS DATE) END WHEN kpisheets_day < CAST('2025-11-02' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2025-08-03' AS DATE) THEN CAST('2025-05-04' AS DATE) ELSE CAST('2025-08-03' AS DATE) END WHEN kpisheets_day < CAST('2026-05-03' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-02-01' AS DATE) THEN CAST('2025-11-02' AS DATE) ELSE CAST('2026-02-01' AS DATE) END WHEN kpisheets_day < CAST('2026-11-01' AS DATE) THEN CASE WHEN kpisheets_day < CAST('2026-08-02' AS DATE) THEN CAST('2026-05-03' AS DATE) ELSE CAST('2026-08-02' AS DATE) END ELSE CAST('2026-11-01' AS DATE) END
UNION ALL
SELECT 'Yearly' AS kpisheets_frequency, CASE WHEN kpisheets_day < CAST('2025-02-02' AS DATE) THEN CAST('2024-02-04' AS DATE) WHEN kpisheets_day < CAST('2026-02-01' AS DATE) THEN CAST('2025-02-02' AS DATE) ELSE CAST('2026-02-01' AS DATE) END AS kpisheets_start,
  COUNT(*) AS kpisheets_records,
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END) AS kpisheets_0,
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END) AS kpisheets_1,
  COUNT(*) AS kpisheets_2,
  COUNT(DISTINCT `buyer`) AS kpisheets_3,
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END) AS kpisheets_4
FROM records
GROUP BY CASE WHEN kpisheets_day < CAST('2025-02-02' AS DATE) THEN CAST('2024-02-04' AS DATE) WHEN kpisheets_day < CAST('2026-02-01' AS DATE) THEN CAST('2025-02-02' AS DATE) ELSE CAST('2026-02-01' AS DATE) END
