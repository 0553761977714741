-- What a model of dbt-duckdb would hold: customers by band, from the results of a run. `scores` is the output location;
-- parts begin with "part-", and everything else of Shardmill's is below "_shardmill".
--
--   duckdb -c "SET VARIABLE scores = 'out/churn'" -f churn_bands.sql
SELECT
  band,
  count(*) AS customers,
  round(avg(churn), 4) AS churn,
  min(churn) AS lowest,
  max(churn) AS highest
FROM read_parquet(getvariable('scores') || '/part-*.parquet')
GROUP BY band
ORDER BY churn DESC
