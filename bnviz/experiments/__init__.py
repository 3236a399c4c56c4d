"""One question a file: a frozen Config, run(config) -> Result.

    from bnviz.experiments import race

    help(race.RaceConfig)  # what can be chosen
    result = race.run(race.RaceConfig(depth=12))
    result  # what was found: a line for each array, with its axes and unit
    result.to_frame()  # all of it as a table

The lessons, each with a module of its name and a page in the app (the knobs of the lab are
`lab_config.LabConfig`; those of other modules belong to closed sections of the lessons):

    home         What does batch normalization change?
    signals      Why is depth hard?
    transform    What does BN compute?
    backward     How does the gradient get through?
    modes        Why does it behave differently at test time?
    race         Does it really train faster?
    rates        How large may the learning rate be?
    forgiveness  How forgiving is it?
    activations  What happens inside each layer?
    noise        Why does noise help?
    alone        How much can γ and β do alone?
    shift        Is it internal covariate shift?
    landscape    How rough is the loss surface?
    gradients    How far can you trust the gradient?
    scale        Why doesn't the scale of the weights matter?
    collapse     Can the last layer still tell the samples apart?
    batches      When does it break?
    placement    Where does it go?
    relatives    Who are its relatives?
    lab          What happens if …?
"""
