import Experiments

/// The forms of a recipe.
public enum RecipeSchema {
    public static let recipe = Schema.shape(
        Schema.Shape(
            "Recipe", "What to run, in one of these forms. recipes.schema tells the limits of this bench.",
            .kinds([
                "flows": .object([
                    .required("kind", .word(["flows"]), "Explicit flows."),
                    .required("temperature_c", .number(), "Of the heating plate."),
                    .required(
                        "flows_ul_min", .table(.number()), "By pump; those that follow from the rules may be left out."),
                    ramp, valves, sample,
                ]),
                "box": .object([
                    .required("kind", .word(["box"]), "A point of the bench file's box."),
                    .required("x", .table(.number()), "By input, 0 to 1; all are needed."),
                    ramp, valves, sample,
                ]),
                "references": .object([
                    .required(
                        "kind", .word(["references"]),
                        "No chemistry: takes the dark and the reference spectra anew.")
                ]),
            ])))

    private static let ramp = Schema.Member.optional(
        "ramp_k_min", .number(APILimits.ramps),
        "The set point moves at most this fast; a problem where no heater can do it.")

    private static let valves = Schema.Member.optional(
        "valves", .table(.string(count: 1...APILimits.nameCharacters)),
        "Positions by valve; one that is not named stands at its home.")

    private static let sample = Schema.Member.optional(
        "sample",
        .object([
            .required("to", .string(count: 1...APILimits.nameCharacters), "The station where the cuvette is set down.")
        ]), "A cuvette with the product, once it is measured; none if left out.")

    private static let quantity = Schema.object([
        .required("name", .string(), "temperature_c, reaction_time_s, share_cui."),
        .required("minimum", .number(), "At the least value."),
        .required("maximum", .number(), "At the greatest value."),
        .required("unit", .string(), "Of both; empty without one."),
    ])

    static let forms = Schema.object([
        .required(
            "parameters",
            .array(
                .object([
                    .required("name", .string(), "temperature_c, flows_ul_min.cui, x.cui."),
                    .required("type", .word(["continuous", "categorical"]), "What values it takes."),
                    .optional("minimum", .number(), "The least value."),
                    .optional("maximum", .number(), "The greatest value."),
                    .required("unit", .string(), "Of the value; empty without one."),
                    .optional("resolution", .number(), "The grid on which it is executed."),
                    .optional("choices", .array(.string()), "The words of a categorical one."),
                    .required("hard_to_change", .boolean, "Changing it takes far longer than the others."),
                    .required("required", .boolean, "Whether it may not be left out."),
                    .required("meaning", .string(), "In words."),
                    .optional("stands_for", quantity, "What a number without a unit means on the bench, linearly."),
                ])), "What may be chosen."),
        .required(
            "constraints",
            .array(
                .object([
                    .required(
                        "kind", .string(),
                        "balanced_streams, carrier_equals_precursors, total_flow, pump_range, reagents, waste."),
                    .required("text", .string(), "In words."),
                    .required("names", .array(.string()), "The parameters and pumps that it binds."),
                    .optional("limit", .number(), "The number in it."),
                ])), "What must hold between them."),
    ])
}
