/// The functions and operators that a query may use: those that only compute from their arguments, in memory that is
/// in proportion to them. Left out are, besides all that read or tell something of the server, functions that make much
/// out of little (`repeat`, `lpad`, `range`, `list_resize`, ...) and those that run an expression for each element of a
/// list and keep what it gives.
enum AllowedFunctions {
    /// By name, in lower case.
    static let names: Set<String> = Set(
        operatorFunctions + aggregates + windows + texts + times + numbers + documents + collections + conditions)

    /// Operators that the parser keeps apart from functions.
    static let operators: Set<String> = [
        "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE", "OPERATOR_NULLIF",
        "OPERATOR_TRY", "COMPARE_IN", "COMPARE_NOT_IN", "ARRAY_EXTRACT", "ARRAY_SLICE", "STRUCT_EXTRACT",
        "ARRAY_CONSTRUCTOR", "GROUPING_FUNCTION", "ARROW",
    ]

    /// Functions whose result may be as long as all their arguments together, or longer. Used on their own results they
    /// would double without end, so a query may use only some of them, and none where it is repeated.
    static let builders: Set<String> = [
        "||", "concat", "concat_ws", "replace", "regexp_replace", "translate", "array_to_string", "list_string_agg",
        "string_agg", "group_concat", "listagg", "list_concat", "list_cat", "array_concat", "array_cat", "list_append",
        "array_append", "array_push_back", "list_prepend", "array_prepend", "array_push_front", "list_value",
        "list_pack", "struct_pack", "row", "map", "to_json", "json_array", "json_object", "json_quote",
        "json_merge_patch", "json_pretty", "hex", "to_hex", "base64", "to_base64", "url_encode", "overlay", "strftime",
        "array_agg", "list", "json_group_array", "json_group_object", "list_zip", "array_zip", "struct_insert",
        "map_concat", "flatten", "histogram", "regexp_escape", "bin", "to_binary",
    ]

    /// Arguments that must be written out, by their position from 0: as data they would multiply others.
    static let literalArguments: [String: [Int]] = [
        "replace": [1, 2], "regexp_replace": [1, 2, 3], "array_to_string": [1], "list_string_agg": [1],
        "string_agg": [1], "group_concat": [1], "listagg": [1], "concat_ws": [0], "overlay": [1],
    ]

    private static let operatorFunctions = [
        "+", "-", "*", "/", "//", "%", "**", "^", "&", "|", "~", "<<", ">>", "@", "||", "->>", "~~", "!~~", "~~*",
        "!~~*",
        "~~~", "^@", "@>", "<@", "&&", "!__postfix", "like_escape", "not_like_escape", "ilike_escape",
        "not_ilike_escape",
    ]

    private static let aggregates = [
        "count", "count_star", "count_if", "countif", "sum", "avg", "mean", "min", "max", "min_by", "max_by", "arg_min",
        "arg_max", "argmin", "argmax", "any_value", "arbitrary", "first", "last", "median", "mode", "mad", "quantile",
        "quantile_cont", "quantile_disc", "approx_quantile", "approx_count_distinct", "approx_top_k", "stddev",
        "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp", "sem", "skewness", "kurtosis", "kurtosis_pop",
        "entropy", "corr", "covar_pop", "covar_samp", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept",
        "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "bool_and", "bool_or", "bit_and", "bit_or",
        "bit_xor", "product", "fsum", "favg", "kahan_sum", "sumkahan", "sum_no_overflow", "geomean", "geometric_mean",
        "wavg", "weighted_avg", "string_agg", "group_concat", "listagg", "list", "array_agg", "histogram",
        "json_group_array", "json_group_object",
    ]

    private static let windows = [
        "row_number", "rank", "rank_dense", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead",
        "first_value", "last_value", "nth_value", "fill",
    ]

    private static let texts = [
        "length", "len", "strlen", "char_length", "character_length", "length_grapheme", "octet_length", "bit_length",
        "lower", "upper", "lcase", "ucase", "trim", "ltrim", "rtrim", "left", "right", "left_grapheme",
        "right_grapheme", "substr", "substring", "substring_grapheme", "reverse", "replace", "translate", "overlay",
        "concat", "concat_ws", "contains", "starts_with", "ends_with", "prefix", "suffix", "position", "strpos",
        "instr",
        "split_part", "split", "str_split", "string_split", "string_to_array", "str_split_regex", "string_split_regex",
        "regexp_split_to_array", "regexp_matches", "regexp_full_match", "regexp_extract", "regexp_extract_all",
        "regexp_replace", "regexp_escape", "ascii", "ord", "unicode", "chr", "strip_accents", "nfc_normalize",
        "levenshtein", "editdist3", "damerau_levenshtein", "hamming", "mismatches", "jaccard", "jaro_similarity",
        "jaro_winkler_similarity", "md5", "md5_number", "sha1", "sha256", "hash", "hex", "to_hex", "unhex", "from_hex",
        "base64",
        "to_base64", "from_base64", "encode", "decode", "url_encode", "url_decode", "bin", "to_binary", "unbin",
        "from_binary", "format_bytes",
    ]

    private static let times = [
        "now", "today", "current_date", "current_timestamp", "get_current_timestamp", "transaction_timestamp", "age",
        "date_part", "datepart", "date_trunc", "datetrunc", "date_diff", "datediff", "date_sub", "datesub", "date_add",
        "time_bucket", "last_day", "days_in_month", "make_date", "make_time", "make_timestamp", "make_timestamp_ms",
        "make_timestamp_ns", "make_timestamptz", "to_timestamp", "epoch", "epoch_ms", "epoch_us", "epoch_ns",
        "strftime",
        "strptime", "try_strptime", "timezone", "timezone_hour", "timezone_minute", "microsecond", "millisecond",
        "second", "minute", "hour", "day", "dayofmonth", "dayofweek", "dayofyear", "weekday", "isodow", "week",
        "weekofyear", "yearweek", "month", "quarter", "year", "isoyear", "decade", "century", "millennium", "era",
        "dayname", "monthname", "julian", "normalized_interval", "to_microseconds", "to_milliseconds", "to_seconds",
        "to_minutes", "to_hours", "to_days", "to_weeks", "to_months", "to_quarters", "to_years", "to_decades",
        "to_centuries", "to_millennia", "uuid_extract_timestamp", "uuid_extract_version",
    ]

    private static let numbers = [
        "abs", "sign", "ceil", "ceiling", "floor", "round", "round_even", "roundbankers", "trunc", "even", "mod",
        "fmod",
        "divide", "fdiv", "add", "subtract", "multiply", "power", "pow", "sqrt", "cbrt", "exp", "ln", "log", "log2",
        "log10", "sin", "cos", "tan", "cot", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh",
        "atanh", "degrees", "radians", "pi", "factorial", "gamma", "lgamma", "gcd", "lcm", "greatest_common_divisor",
        "least_common_multiple", "greatest", "least", "isnan", "isinf", "isfinite", "signbit", "nextafter", "bit_count",
        "xor",
    ]

    private static let documents = [
        "json", "json_extract", "json_extract_path", "json_extract_string", "json_extract_path_text", "json_value",
        "json_exists", "json_contains", "json_type", "json_valid", "json_keys", "json_array_length", "json_structure",
        "json_array", "json_object", "json_quote", "json_merge_patch", "json_pretty", "to_json",
    ]

    private static let collections = [
        "unnest", "list_value", "list_pack", "list_contains", "list_has", "array_contains", "array_has", "list_has_any",
        "list_has_all", "array_has_any", "array_has_all", "list_position", "list_indexof", "array_position",
        "array_indexof", "list_extract", "list_element", "array_extract", "list_slice", "array_slice", "array_length",
        "list_sort", "array_sort", "list_reverse_sort", "array_reverse_sort", "list_reverse", "array_reverse",
        "list_distinct", "array_distinct", "list_unique", "array_unique", "list_concat", "list_cat", "array_concat",
        "array_cat", "list_append", "array_append", "array_push_back", "list_prepend", "array_prepend",
        "array_push_front", "list_intersect", "array_intersect", "list_filter", "array_filter", "list_where",
        "list_zip", "array_zip", "flatten", "array_to_string", "list_string_agg", "list_sum", "list_avg",
        "list_min", "list_max", "list_count", "list_median", "list_mode", "list_first", "list_last", "list_any_value",
        "list_bool_and", "list_bool_or", "list_product", "list_stddev_pop", "list_stddev_samp", "list_var_pop",
        "list_var_samp", "element_at", "map", "map_extract", "map_extract_value", "map_keys", "map_values",
        "map_entries", "map_contains", "map_from_entries", "map_concat", "cardinality", "struct_pack", "row",
        "struct_extract", "struct_extract_at", "struct_insert", "struct_keys", "struct_values",
    ]

    private static let conditions = ["coalesce", "nullif", "ifnull", "typeof"]
}
