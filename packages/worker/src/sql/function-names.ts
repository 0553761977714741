/**
 * What `readFunctionRules` finds in the DuckDB that the lock file pins, as a build for Linux: to ask it takes 50 ms of
 * processor time. A test holds both against each other, and says what to write here after an update.
 */
export const FUNCTION_NAMES = {
  version: 'v1.5.6',
  unstable: `
    ago current_catalog current_connection_id current_database current_date current_localtime
    current_localtimestamp current_query current_query_id current_schema current_schemas current_setting
    current_time current_timestamp current_transaction_id currval duckdb_logs_parsed duckdb_profiling_settings
    format_type gen_random_uuid get_block_size get_current_time get_current_timestamp getvariable histogram
    histogram_values in_search_path localtime localtimestamp nextval now pg_conf_load_time pg_get_constraintdef
    pg_get_viewdef pg_postmaster_start_time pg_sleep random setseed sleep_ms stats today transaction_timestamp
    txid_current uuid uuidv4 uuidv7 version write_log`,
  aggregate: `
    any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_max_nulls_last
    arg_min arg_min_null arg_min_nulls_last argmax argmin array_agg avg bit_and bit_or bit_xor bitstring_agg
    bool_and bool_or corr count count_if count_star countif covar_pop covar_samp cume_dist dense_rank entropy favg
    fill first first_value fsum group_concat histogram_exact kahan_sum kurtosis kurtosis_pop lag last last_value
    lead list listagg mad max max_by mean median min min_by mode nth_value ntile percent_rank product quantile
    quantile_cont quantile_disc rank rank_dense regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope
    regr_sxx regr_sxy regr_syy reservoir_quantile row_number sem skewness stddev stddev_pop stddev_samp string_agg
    sum sum_no_overflow sumkahan var_pop var_samp variance`,
  multiplying: `
    duckdb_logs_parsed generate_subscripts histogram_values regexp_split_to_table unlist unnest`,
};
