-- date
WITH records AS (
  SELECT `amount`, `buyer`, `qty`, `status`, `day` AS kpisheets_day
  FROM `sales`
  WHERE `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE)
)
SELECT 'Daily', kpisheets_day,
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly', DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY)
UNION ALL
SELECT 'Monthly', DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY)
UNION ALL
SELECT 'Quarterly', DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH)
UNION ALL
SELECT 'Yearly', DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH)
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*), COUNT(`day`), COUNT(`day`), COUNT(CASE WHEN `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE) THEN 1 END), MIN(CASE WHEN `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE) THEN `day` END), MAX(CASE WHEN `day` >= CAST(? AS DATE) AND `day` < CAST(? AS DATE) THEN `day` END)
FROM (SELECT `day` FROM `sales`) dated

-- timestamp
WITH records AS (
  SELECT `amount`, `buyer`, `qty`, `status`, CAST(`local` AS DATE) AS kpisheets_day
  FROM `sales`
  WHERE `local` >= CAST(? AS DATE) AND `local` < CAST(? AS DATE)
)
SELECT 'Daily', kpisheets_day,
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly', DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY)
UNION ALL
SELECT 'Monthly', DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY)
UNION ALL
SELECT 'Quarterly', DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH)
UNION ALL
SELECT 'Yearly', DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH)
-- 2025-01-01, 2026-12-01

-- census
SELECT COUNT(*), COUNT(`local`), COUNT(`local`), COUNT(CASE WHEN `local` >= CAST(? AS DATE) AND `local` < CAST(? AS DATE) THEN 1 END), MIN(CASE WHEN `local` >= CAST(? AS DATE) AND `local` < CAST(? AS DATE) THEN `local` END), MAX(CASE WHEN `local` >= CAST(? AS DATE) AND `local` < CAST(? AS DATE) THEN `local` END)
FROM (SELECT `local` FROM `sales`) dated

-- timestamp with time zone
WITH records AS (
  SELECT `amount`, `buyer`, `qty`, `status`, CAST(DATE_ADD(`instant`, INTERVAL 20700 SECOND) AS DATE) AS kpisheets_day
  FROM `sales`
  WHERE `instant` >= CAST(? AS DATETIME) AND `instant` < CAST(? AS DATETIME)
)
SELECT 'Daily', kpisheets_day,
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY kpisheets_day
UNION ALL
SELECT 'Weekly', DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL WEEKDAY(kpisheets_day) DAY)
UNION ALL
SELECT 'Monthly', DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY)
UNION ALL
SELECT 'Quarterly', DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 3) MONTH)
UNION ALL
SELECT 'Yearly', DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH),
  COUNT(*),
  COUNT(CASE WHEN `status` = 'paid' THEN 1 END),
  SUM(CASE WHEN `status` = 'paid' THEN `amount` END),
  COUNT(*),
  COUNT(DISTINCT `buyer`),
  SUM(CASE WHEN `qty` > 2 THEN 1 ELSE 0 END)
FROM records
GROUP BY DATE_SUB(DATE_SUB(kpisheets_day, INTERVAL DAYOFMONTH(kpisheets_day) - 1 DAY), INTERVAL ((EXTRACT(MONTH FROM kpisheets_day) + 8) % 12) MONTH)
-- 2024-12-31 18:15:00, 2026-11-30 18:15:00

-- census
SELECT COUNT(*), COUNT(`instant`), COUNT(`instant`), COUNT(CASE WHEN `instant` >= CAST(? AS DATETIME) AND `instant` < CAST(? AS DATETIME) THEN 1 END), MIN(CASE WHEN `instant` >= CAST(? AS DATETIME) AND `instant` < CAST(? AS DATETIME) THEN `instant` END), MAX(CASE WHEN `instant` >= CAST(? AS DATETIME) AND `instant` < CAST(? AS DATETIME) THEN `instant` END)
FROM (SELECT `instant` FROM `sales`) dated
