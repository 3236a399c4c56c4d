"""What is often believed of batch normalization and of training, each belief once."""

from enum import StrEnum


class Belief(StrEnum):
    """A sentence that is heard in a class; it may hold, not hold, or depend.

    A lesson says of some of them what its run shows (`beliefs` in its words, told on the page under
    “Check yourself”); a challenge meets one with the answer that tempts who holds it.
    """

    # Why depth is hard
    RELU_IS_LINEAR = "ReLU is linear where it is on, so nothing vanishes"
    NEITHER_NOR = "With BN gradients neither vanish nor explode"
    EXPLODES_FOR_GOOD = "What explodes at the start explodes for good"
    OVERFIT = "Deep networks fail because they overfit"

    # What BN computes, forward and backward
    WEIGHTS = "BN standardizes the weights"
    WHITENS = "BN whitens the features"
    ALWAYS_0_AND_1 = "The outputs always have mean 0 and variance 1"
    NORMALLY_DISTRIBUTED = "BN makes the values normally distributed"
    STRAIGHT_THROUGH = "The gradient passes straight through the normalization"
    OWN_AFFAIR = "Each sample's gradient is its own affair"
    LARGER_INPUTS = "Larger inputs get larger gradients"
    SLOW_BIAS = "A bias before BN learns, only slowly"

    # Training and inference
    ONLY_DROPOUT = "Inference mode only switches off dropout"
    ALL_OF_TRAINING = "The running average is the average over all of training"
    LARGER_MOMENTUM = "A larger momentum is always more accurate"
    NEEDS_A_BATCH = "In inference, too, every sample needs a batch"

    # Learning rates and initial weights
    RATE_NO_LONGER_MATTERS = "With BN the learning rate no longer matters"
    BETTER_AT_EVERY_RATE = "BN is better at every learning rate"
    NOT_THE_LARGER_RATE = "It is the normalization that helps, not the larger rate"
    ALIVE_IS_TRAINING = "A network that does not diverge is training"
    INITIALIZATION = "With BN the initialization does not matter"
    ANY_RATE = "BN trains at any learning rate"
    ONLY_A_BAD_RATE = "All that BN mends is a badly chosen learning rate"
    ONLY_HELPS = "BN can only help"

    # Inside the layers, and noise
    GAUSSIAN = "BN makes the activations Gaussian"
    STOPS_MOVING = "BN stops the distributions from moving"
    EVERY_UNIT_STANDARD = "After BN every unit has mean 0 and standard deviation 1"
    ONLY_PLAIN_DEAD = "Only the plain network has dead or saturated units"
    LARGER_BATCHES = "Larger batches are always better with BN"
    NUISANCE = "BN's noise is a nuisance that training would be better without"
    WITHOUT_END = "The smaller the batch, the stronger the regularization, without end"
    ONLY_SPEED = "Batch size only changes speed"

    # γ and β alone
    ONLY_RESCALE = "All that γ and β can do is rescale: alone they learn nothing"
    NUMBER_COUNTS = "It matters how many parameters are trained, not which"
    OUTPUT_LEARNS = "On random features, all that can learn is the output layer"
    LARGER_SHARE = "The larger the share of parameters that is trained, the better"
    EVERY_UNIT = "Training makes use of every unit there is"
    BEST_PLACED = "No other numbers can do as much as γ and β"

    # Why it works
    REMOVES_SHIFT = "BN works because it removes internal covariate shift"
    SHIFT_OF_INPUTS = "Internal covariate shift is covariate shift of the inputs"
    SHIFT_TRAINS_WORSE = "A network with more shift trains worse"
    GRADIENT_FALLS = "Along the negative gradient the loss falls"
    SMOOTHER_FASTER = "On a smoother loss surface a network learns faster"
    TO_THE_MINIMUM = "The gradient points to the minimum"
    MORE_PREDICTABLE = "BN always makes the gradient more predictable"
    SMOOTHER_LEARNS = "The smoother network is the one that learns"
    DECAY_SIMPLE = "Weight decay keeps BN's weights small, and so the function simple"
    INITIALIZATION_AT_ALL = "With BN the initialization does not matter at all"
    RATE_IRRELEVANT = "BN makes the learning rate irrelevant"
    KEEPS_SMALL = "BN keeps the weights themselves from growing"
    SIZE_IS_CONTENT = "A signal that keeps its size keeps what it says"
    ONLY_SIZE = "All that BN does to the signal is to keep its size"
    NEAR_ZERO = "Where the mean cosine is near 0, nothing of the samples is lost"

    # Where it ends
    NO_REASON_NOT = "There is no reason not to use BN"
    ONLY_NOISIER = "A smaller batch only means more noise in the gradient"
    LAYER_NORM_SAFER = "Layer norm is always the safer choice"
    STATISTICS_MEND = "Better statistics at inference mend what small batches break"
    BEFORE_ACTIVATION = "BN must stand before the activation"
    SCALING_DOES_IT = "Scaling the data does what BN does"
    MAKES_ROUND = "Normalizing the features makes the loss surface round"
    BIAS_NEEDED = "The bias before BN is needed"
    NO_BIAS_ANYWHERE = "With BN, no layer needs a bias"
    NEEDS_GAMMA_BETA = "Without γ and β a network with BN can hardly learn"
    WORKS_BY_GAMMA_BETA = "It is γ and β that make BN work"
    ZERO_NEVER_LEARNS = "A branch that starts at zero can never learn"
    PLACE_IN_BRANCH = "Where in the branch BN stands does not matter"
    NEVER_WITH_DROPOUT = "BN and dropout never go together"
    AVERAGES_DESCRIBE = "The running averages describe what inference sees"
    SMALL_ALWAYS_BREAK = "Small batches always break BN"
    WHICH_NORM = (
        "All subtract a mean and divide by a standard deviation, so it hardly matters which"
    )
    INSTANCE_EVERYWHERE = "Instance norm needs no batch, so it works everywhere"
    MIXTURE_BETTER = "A learned mixture is better than any of its parts"

    # Two networks side by side
    FASTER = "A network with BN trains faster"
    FEWER_STEPS = "Fewer steps are less time"
    FIRST_ENDS_HIGHER = "Who is first ends higher, too"
    EVERY_LAYER = "BN helps only where every layer has it"
    AHEAD_ON_THE_WAY = "Who is ahead on the way is ahead at the end"
    ONE_SEED = "One seed is enough to tell which run is better"
    NORMALIZING_HELPS = "Normalizing a network always helps"

    # Met by challenges alone
    VANISHED_FIRST = "The layers farthest from the loss fail first: there the gradient vanishes"
    LITTLE_BY_LITTLE = "What changes little in one layer changes little in the whole network"
    RIGHT_START = "It is initial weights of the right size that let a deep network learn"
    DEPTH_ALONE = "The deeper a network, the farther its gradient must grow or shrink"
    LARGER_OUTPUTS = "Larger inputs give larger outputs, through BN, too"
    LOSES_GRADIENT = "BN throws most of the gradient away"
    ONLY_FASTER = "BN only makes training faster: the plain network gets there, too"
    ADAM_DOES_IT = "With an optimizer that scales each step, BN has nothing left to do"
    ADAM_BETTER = "Adam ends higher than SGD"
    ALWAYS_REGULARIZE = "More regularization is always better"
    SKIP_SUFFICES = "With skip connections BN has nothing left to smooth"
    ALWAYS_SMOOTHER = "BN makes every loss surface smoother"
    LARGER_WEIGHTS = "Larger weights get larger gradients"
    OPTIMIZER_TURNS = "Another optimizer has another gradient"
    ANY_COMPANY = "Which samples share a mini-batch does not matter"
    FASTEST_ENDS_BEST = "The rate that learns fastest also ends best"
