"""The terms that the lessons use, one sentence each."""

from __future__ import annotations

from dataclasses import dataclass

from bnviz.words.references import anchor


@dataclass(frozen=True)
class Term:
    """A word, what it says, and the lesson in which to see it."""

    word: str
    says: str  # one sentence
    lesson: str
    also: tuple[str, ...] = ()  # other ways to write it; plurals are found without
    only: tuple[str, ...] = ()  # lessons, where the same word means something else in the others

    @property
    def anchor(self) -> str:
        """Of its entry on the glossary page."""
        return anchor(self.word)

    @property
    def ways(self) -> tuple[str, ...]:
        """How it is written in the lessons; "momentum (of …)" is written "momentum"."""
        return (self.word.split(" (")[0], *self.also)


PASSAGES = (
    "the gain comes from",
    "in this unit",
    "six digits",
    "in 8 steps",
    "takes a step",
    "weight of the",
    "has the weight",
    "width of the",
    "widths and positions",
    "the smaller β",
    "the loss explodes",
    "has a parameter",
    "in one parameter",
)
"""Where a word of the list means what it means every day: not a term."""

RUNNING = ("transform", "modes", "batches")  # where momentum is that of the running averages

INTRODUCTION = """
Every term of the lessons in one sentence, with the lesson in which to see it at work, and below
them every paper that the lessons cite. In a lesson, a word with dots under it leads here.
"""

TERMS = (
    Term(
        "accuracy",
        "The share of samples to which the network gives the highest probability for the right"
        " class.",
        "race",
        ("test accuracy", "training accuracy"),
    ),
    Term(
        "activation function",
        "The function, such as ReLU or tanh, through which a unit passes its weighted sum; without"
        " it, many layers could do no more than one.",
        "activations",
        ("activation", "nonlinearity", "nonlinearities"),
    ),
    Term(
        "activations",
        "The outputs of the units of a layer, one number for each unit and sample.",
        "activations",
    ),
    Term(
        "Adam",
        "An optimizer that averages each parameter's gradients and divides by their running size,"
        " so that all parameters move at a similar pace (Kingma & Ba 2015).",
        "rates",
    ),
    Term(
        "additive noise",
        "Noise that is added to a value, as when the mean of each mini-batch fluctuates and with it"
        " all values of the batch.",
        "noise",
    ),
    Term("arm", "One of the two runs that the lab sets side by side.", "lab"),
    Term(
        "autograd",
        "The part of PyTorch that notes every operation of a forward pass and computes the"
        " gradients backward from them.",
        "backward",
    ),
    Term(
        "backward pass",
        "Computing the gradient from the loss back through all layers, by the chain rule.",
        "backward",
        ("backpropagation", "way back"),
    ),
    Term(
        "basin",
        "The part of a loss surface where the loss is clearly lower than that of guessing.",
        "landscape",
    ),
    Term(
        "batch normalization",
        "Subtracting a unit's mean over the mini-batch, dividing by its standard deviation, then"
        " multiplying by gamma and adding beta (Ioffe & Szegedy 2015).",
        "transform",
        ("BN",),
    ),
    Term(
        "batch renormalization",
        "Batch normalization whose output in training is corrected towards the running averages,"
        " within bounds, so that training and inference differ less (Ioffe 2017).",
        "batches",
    ),
    Term("batch size", "How many samples a mini-batch holds.", "batches"),
    Term(
        "batch statistics",
        "Mean and variance of a single mini-batch, with which BN normalizes in training mode.",
        "modes",
        ("statistics of the batch", "statistics of each batch", "own batch statistics"),
    ),
    Term("batch-mates", "The other samples of the same mini-batch.", "noise"),
    Term(
        "beta",
        "The learned number, one for each unit, that BN adds last; it takes the place of the bias.",
        "transform",
        ("β",),
    ),
    Term(
        "beta-smoothness",
        "How much the gradient changes, at most, for each unit of distance; measured only along the"
        " line of the gradient it is called effective.",
        "gradients",
        ("β-smoothness", "effective β-smoothness", "effective β"),
    ),
    Term(
        "bias",
        "The learned number that a unit adds to the weighted sum of its inputs.",
        "placement",
    ),
    Term(
        "biased variance",
        "The variance as a sum of squares divided by the number of values, m; the unbiased one"
        " divides by m − 1 and is the larger.",
        "transform",
        ("biased", "unbiased"),
    ),
    Term(
        "branch",
        "The layers that a skip connection leads around; what they put out is added to what came"
        " in.",
        "placement",
    ),
    Term(
        "channel",
        "One of the kinds of feature that a convolution looks for: its weights, and the feature map"
        " that they make.",
        "relatives",
    ),
    Term(
        "chunk",
        "The part of a mini-batch whose samples share one mean and one variance.",
        "noise",
        ("chunk size",),
    ),
    Term(
        "CIFAR-10",
        "A data set of 60 000 small colour photographs in ten classes (Krizhevsky 2009).",
        "rates",
    ),
    Term("class", "One of the possible answers, such as one of the ten digits.", "batches"),
    Term(
        "continuation",
        "More steps of the same run from where it ended, at another learning rate.",
        "lab",
    ),
    Term(
        "convolution",
        "A layer whose units each look at a small patch of the image, with the same weights at"
        " every place.",
        "relatives",
        ("convolutional network",),
    ),
    Term(
        "correlation",
        "How nearly two quantities follow a straight line together: 1 or −1 if they do exactly, 0"
        " if there is no such tendency.",
        "transform",
    ),
    Term(
        "cosine (of two outputs)",
        "How much two lists of numbers point the same way: 1 in the same direction, 0 at a right"
        " angle, −1 opposite; their lengths do not count.",
        "collapse",
        ("mean cosine", "cosines"),
        ("collapse",),
    ),
    Term(
        "cosine schedule",
        "A learning rate that falls to zero during training along half a wave of the cosine.",
        "noise",
        ("along a cosine",),
    ),
    Term(
        "covariate shift",
        "A change in the distribution of the inputs between training and test, while the right"
        " answer to each input stays what it was.",
        "shift",
    ),
    Term(
        "cross entropy",
        "The loss used here: minus the logarithm of the probability that the network gives to the"
        " right class, averaged over the samples.",
        "signals",
    ),
    Term(
        "curvature",
        "How fast the slope of the loss changes along a direction; the larger it is, the shorter a"
        " step must be.",
        "placement",
        ("curves downwards",),
    ),
    Term(
        "dead unit",
        "A ReLU unit that puts out zero for every sample looked at, so that no gradient passes"
        " through it.",
        "activations",
        ("dead", "dead ReLU"),
    ),
    Term("decade", "A factor of ten.", "rates"),
    Term(
        "deep linear network",
        "Layers of weights without activation functions: together no more than one matrix, but"
        " trained as many.",
        "shift",
    ),
    Term("depth", "How many hidden layers a network has.", "signals"),
    Term(
        "digits",
        "The data set of most lessons: 1797 images of handwritten digits, 8 x 8 pixels each"
        " (Alpaydin & Kaynak 1998).",
        "home",
    ),
    Term(
        "distribution",
        "Which values occur and how often, for example among the outputs of a unit.",
        "activations",
    ),
    Term(
        "divergence",
        "The end of a training whose loss is no longer a finite number, because its steps became"
        " too long.",
        "rates",
        ("diverge", "diverges", "diverged", "diverging"),
    ),
    Term(
        "dropout",
        "Noise for training: each output of a layer is set to zero with some probability, and"
        " divided by the probability of being kept if it is not (Srivastava et al. 2014).",
        "noise",
    ),
    Term(
        "DyT",
        "Dynamic tanh: a curve γ tanh(αx) + β, whose slope α is learned, in the place of a"
        " normalization (Zhu et al. 2025).",
        "relatives",
        ("dynamic tanh",),
    ),
    Term(
        "effective learning rate",
        "The learning rate divided by the squared length of the weights, which says how far a step"
        " turns weights whose length does not count.",
        "scale",
        ("effective rate",),
    ),
    Term(
        "effective rank",
        "How many directions a set of vectors takes, if each direction counts by its share: 1 where"
        " all are multiples of one of them.",
        "collapse",
    ),
    Term(
        "ensemble",
        "Several networks, trained separately, whose predictions are averaged.",
        "rates",
        ("averaged prediction",),
    ),
    Term(
        "epoch",
        "As many steps as it takes to see every training sample once.",
        "batches",
        ("epochs",),
    ),
    Term(
        "epsilon",
        "The small constant, here 0.00001 if nothing else is said, that BN adds to the variance so"
        " that it never divides by zero.",
        "transform",
        ("ε",),
    ),
    Term(
        "exploding",
        "Said of a signal or gradient that grows at every layer it passes, until it is too large to"
        " be of use.",
        "signals",
        ("explode", "explodes", "exploded"),
    ),
    Term(
        "feature",
        "One of the numbers that describe a sample: an input such as a pixel, or what a unit makes"
        " of the inputs.",
        "transform",
    ),
    Term(
        "feature map",
        "What one channel of a convolution makes of one image: a number for every place in it.",
        "relatives",
    ),
    Term(
        "filter normalization",
        "Scaling each row of a random direction to the length of the network's own row of weights,"
        " before a loss surface is drawn along it (Li et al. 2018).",
        "landscape",
        ("filter-normalized",),
    ),
    Term(
        "forward pass",
        "Computing the output of a network from its input, layer after layer.",
        "backward",
    ),
    Term(
        "fully connected",
        "Said of a layer in which every unit has a weight for every output of the layer below.",
        "relatives",
    ),
    Term("gain", "A factor that multiplies all initial weights.", "signals"),
    Term(
        "gamma",
        "The learned number, one for each unit, by which BN multiplies the normalized value.",
        "transform",
        ("γ",),
    ),
    Term(
        "Gaussian",
        "The bell-shaped distribution, also called normal, that a sum of many small independent"
        " parts comes close to.",
        "activations",
        ("normal distribution", "normally distributed"),
    ),
    Term(
        "generalization",
        "Being right about samples that were not trained on; how much worse a network is at them"
        " than at its training samples is called the gap.",
        "noise",
        ("generalization gap",),
    ),
    Term(
        "ghost batch",
        "A chunk of a large mini-batch that is normalized by itself, as if it were a batch of its"
        " own (Hoffer, Hubara & Soudry 2017).",
        "noise",
    ),
    Term(
        "Glorot weights",
        "Initial weights whose variance is 2 divided by a layer's inputs and outputs together, made"
        " for units like tanh (Glorot & Bengio 2010).",
        "signals",
        ("Glorot",),
    ),
    Term(
        "gradient",
        "For every parameter, how fast the loss grows with it; all of them together point in the"
        " direction of steepest ascent.",
        "gradients",
    ),
    Term(
        "gradient descent",
        "Changing all parameters a little against the gradient, again and again.",
        "gradients",
    ),
    Term(
        "gradient predictiveness",
        "How far the gradient after a step along it is from the gradient before, over a range of"
        " step lengths; small is good (Santurkar et al. 2018).",
        "gradients",
        ("predictiveness",),
    ),
    Term(
        "group norm",
        "Normalizing each sample by itself, over a group of channels and all their places"
        " (Wu & He 2018).",
        "relatives",
        ("group normalization",),
    ),
    Term(
        "guessing",
        "What a network does that has learned nothing: with ten classes it is right once in ten"
        " times, and giving each class the same probability has a loss of 2.30.",
        "home",
        ("at chance",),
    ),
    Term(
        "He weights",
        "Initial weights whose variance is 2 divided by the number of a layer's inputs, which keeps"
        " the size of signals in ReLU networks (He et al. 2015).",
        "signals",
        ("He's weights", "He initialization"),
    ),
    Term("hidden layer", "A layer between the input and the output layer.", "home"),
    Term(
        "ImageNet",
        "A collection of more than a million photographs in 1000 classes, on which image networks"
        " are compared (Russakovsky et al. 2015).",
        "race",
    ),
    Term(
        "Inception",
        "The convolutional network for ImageNet (Szegedy et al. 2015), a variant of which the paper"
        " on BN was tried on.",
        "race",
    ),
    Term(
        "inference mode",
        "How BN computes after training: with its running averages, each sample by itself.",
        "modes",
        ("inference", "test time"),
    ),
    Term(
        "initialization",
        "The random draw of the weights before the first step.",
        "forgiveness",
        ("initial weights", "weights at the start"),
    ),
    Term(
        "instance norm",
        "Normalizing each channel of each sample by itself, over all its places"
        " (Ulyanov et al. 2016).",
        "relatives",
        ("instance normalization",),
    ),
    Term(
        "internal covariate shift",
        "The change in what a layer is given to learn from, caused by the updates of the layers"
        " below it.",
        "shift",
    ),
    Term(
        "kurtosis",
        "The mean fourth power of values with mean 0 and variance 1: 3 for a Gaussian, more for"
        " heavy tails; what exceeds 3 is called the excess.",
        "noise",
        ("excess kurtosis",),
    ),
    Term("label", "The right answer that comes with a sample.", "noise"),
    Term(
        "layer",
        "A row of units that work side by side on the outputs of the layer below.",
        "home",
    ),
    Term(
        "layer norm",
        "Normalizing each sample by itself, over all units (and places) of a layer"
        " (Ba et al. 2016).",
        "batches",
        ("layer normalization",),
    ),
    Term(
        "learning rate",
        "The number by which the gradient is multiplied to make a step.",
        "rates",
        ("rate",),
    ),
    Term(
        "Lipschitz",
        "A gradient is called β-Lipschitz if between any two points it changes by no more than β"
        " times their distance.",
        "gradients",
        ("β-Lipschitz",),
    ),
    Term(
        "loss",
        "The number that training makes smaller, here mostly the cross entropy: how far the"
        " network's answers are from the labels.",
        "home",
        ("training loss", "test loss"),
    ),
    Term(
        "loss landscape",
        "The loss as a function of all weights, imagined as ground with hills and valleys.",
        "landscape",
        ("landscape", "loss surface"),
    ),
    Term(
        "loss variation",
        "From the lowest to the highest loss found on a line along the gradient"
        " (Santurkar et al. 2018).",
        "landscape",
    ),
    Term(
        "LSTM",
        "A recurrent network with gates that decide what it takes in and what it hands on"
        " (Hochreiter & Schmidhuber 1997).",
        "relatives",
    ),
    Term(
        "median",
        "The middle one: half of the values are below it, half above.",
        "home",
    ),
    Term(
        "mini-batch",
        "The samples, often just called a batch, from which one step of training computes its"
        " gradient.",
        "transform",
        ("batch", "minibatch"),
    ),
    Term(
        "MNIST",
        "A data set of 70 000 images of handwritten digits, 28 x 28 pixels each"
        " (LeCun et al. 1998).",
        "activations",
    ),
    Term(
        "moments",
        "Numbers that describe a distribution: the first is its mean, and the second gives its"
        " variance.",
        "shift",
        ("first two moments",),
    ),
    Term(
        "momentum (of the optimizer)",
        "Each step goes on with a share, here 0.9, of the step before.",
        "rates",
    ),
    Term(
        "momentum (of the running averages)",
        "The weight of the newest mini-batch in BN's running averages, 0.1 by default in PyTorch;"
        " many texts call 0.9 what PyTorch calls 0.1.",
        "modes",
        ("momenta",),
        RUNNING,
    ),
    Term(
        "multiplicative noise",
        "Noise that multiplies a value, as when the standard deviation of each mini-batch"
        " fluctuates and with it all values of the batch.",
        "noise",
    ),
    Term(
        "noise",
        "Whatever comes into a value by chance, such as through the company of other samples.",
        "noise",
    ),
    Term(
        "noisy BN",
        "A network that gets random noise behind every BN layer, drawn anew at each step, so that"
        " its distributions cannot hold still (Santurkar et al. 2018).",
        "shift",
    ),
    Term(
        "normalizer",
        "A part of a network that subtracts a mean and divides by a standard deviation, such as BN"
        " or layer norm.",
        "relatives",
        ("normalize", "normalizes", "normalized", "normalizing", "normalization"),
    ),
    Term(
        "optimizer",
        "The rule that makes a step from the gradient: here SGD, SGD with momentum, or Adam.",
        "rates",
    ),
    Term(
        "output layer",
        "The last layer, which gives one number for each class and has no BN behind it.",
        "scale",
    ),
    Term(
        "overfitting",
        "Learning the training samples by heart, at the cost of being wrong on new ones.",
        "noise",
        ("overfit", "learn by heart"),
    ),
    Term(
        "overflow",
        "A number that has grown too large for the computer's format and becomes infinite.",
        "rates",
        ("overflows",),
    ),
    Term(
        "parameter",
        "Any number that training changes: weights, biases, gamma and beta.",
        "gradients",
    ),
    Term(
        "per worker",
        "Where several processors share a large batch: the samples that one of them holds, over"
        " which its BN takes the statistics.",
        "batches",
    ),
    Term(
        "percentile",
        "The 85th percentile, for example, is the value that 85 % of all values are below.",
        "activations",
    ),
    Term(
        "plain",
        "The network without any normalization; all else is the same as in the one with BN.",
        "home",
    ),
    Term(
        "population statistics",
        "Mean and variance over the whole training set, with the weights of the moment.",
        "modes",
        ("population",),
    ),
    Term(
        "post-norm",
        "Normalizing the sum of a branch and its skip connection, so that the skip carries what was"
        " normalized.",
        "relatives",
        ("after the sum",),
    ),
    Term(
        "pre-activation",
        "What enters a unit's activation function: the weighted sum of its inputs and its bias, or"
        " what BN has made of it.",
        "activations",
        ("weighted sum",),
    ),
    Term(
        "precise statistics",
        "Mean and variance for inference, computed anew over many training samples with the weights"
        " of now, in place of running averages (Wu & Johnson 2021).",
        "batches",
        ("precise BN", "precise"),
    ),
    Term(
        "pre-norm",
        "Normalizing what enters the branch beside a skip connection, while the sum goes on as it"
        " is.",
        "relatives",
        ("before the branch",),
    ),
    Term("quantile", "A percentile, with shares from 0 to 1 in place of percents.", "activations"),
    Term(
        "record",
        "A step of training at which a page measures what it shows; there are more of them early.",
        "race",
        ("recorded step",),
    ),
    Term(
        "recurrent network",
        "A network that reads a sequence one element at a time, always with the same weights, and"
        " hands its state on to the next.",
        "relatives",
        ("recurrent neural network",),
    ),
    Term(
        "regularization",
        "Whatever makes a network fit its training samples less closely so that it is right more"
        " often on new ones.",
        "noise",
        ("regularizer",),
    ),
    Term(
        "ReLU",
        "The activation function that lets positive numbers through and makes negative ones zero.",
        "signals",
    ),
    Term(
        "ResNet",
        "A convolutional network with skip connections around every few layers (He et al. 2016).",
        "forgiveness",
        ("ResNet-110",),
    ),
    Term(
        "RMSNorm",
        "Dividing each sample by the square root of the mean of its squares over all units of a"
        " layer; nothing is subtracted (Zhang & Sennrich 2019).",
        "relatives",
        ("root mean square normalization",),
    ),
    Term(
        "root mean square",
        "The root of the mean of the squares, a measure of how large numbers typically are.",
        "home",
    ),
    Term(
        "running averages",
        "Averages of the means and variances of past mini-batches, which BN keeps during training"
        " and uses in inference mode.",
        "modes",
        ("running average", "running statistics", "running variance", "running mean",
         "moving averages"),
    ),
    Term("sample", "One example from the data, such as one image of a digit.", "transform"),
    Term(
        "saturated",
        "Said of a tanh beyond ±0.97 or a sigmoid outside 0.03 to 0.97, where the curve is so flat"
        " that hardly any gradient gets through.",
        "activations",
        ("saturates", "saturation"),
    ),
    Term(
        "scale invariance",
        "That the output stays the same when the weights before BN are multiplied by a number, as"
        " long as epsilon is small beside the variance.",
        "scale",
        ("scale invariant", "scale-invariant"),
    ),
    Term(
        "seed",
        "The number that decides all chance in a run: the weights at the start and the order of the"
        " mini-batches.",
        "race",
    ),
    Term(
        "SGD",
        "Stochastic gradient descent: steps against the gradient of one mini-batch after another,"
        " times the learning rate.",
        "rates",
    ),
    Term(
        "sigmoid",
        "The activation function 1/(1 + exp(−x)), an S between 0 and 1.",
        "signals",
    ),
    Term(
        "signal",
        "What tells different inputs apart inside the network: the standard deviation of a unit's"
        " output over the samples.",
        "signals",
    ),
    Term(
        "skewness",
        "The mean third power of values with mean 0 and variance 1; 0 if they lie symmetrically.",
        "activations",
    ),
    Term(
        "skip connection",
        "A way around some layers: their input is added to their output.",
        "landscape",
    ),
    Term(
        "smoothness",
        "How slowly the loss and its gradient change as the weights move; the smoother, the longer"
        " the steps may be.",
        "gradients",
        ("smooth", "smooths", "smoother", "smoothing"),
    ),
    Term(
        "softmax",
        "The function that turns any numbers into shares that add up to 1, such as the"
        " probabilities of the classes.",
        "scale",
    ),
    Term(
        "standard deviation",
        "The root of the variance: how far values typically lie from their mean.",
        "transform",
        ("deviation",),
    ),
    Term(
        "statistics",
        "Here the mean and the variance of some values, by which a normalizer shifts and scales"
        " them.",
        "modes",
    ),
    Term("step", "One update of all parameters, by one mini-batch.", "home", ("update",)),
    Term(
        "sweep",
        "The same training again and again, with another value of one knob each time.",
        "rates",
    ),
    Term(
        "switchable norm",
        "A learned mixture of the statistics of BN, layer norm and instance norm"
        " (Luo et al. 2018).",
        "relatives",
        ("switchable normalization",),
    ),
    Term("tanh", "The activation function that is an S between −1 and 1.", "signals"),
    Term("test error", "The share of test samples that the network gets wrong.", "batches"),
    Term(
        "test set",
        "Samples that are never trained on, kept to see how the network does on what is new.",
        "race",
        ("test data", "test sample"),
    ),
    Term(
        "top-5 error",
        "The share of samples whose class is not among the five that the network finds most"
        " probable.",
        "rates",
        ("top-5",),
    ),
    Term(
        "training mode",
        "How BN computes in training: with the mean and variance of the mini-batch in hand.",
        "modes",
    ),
    Term(
        "training set",
        "The samples that the network learns from.",
        "race",
        ("training sample", "training data"),
    ),
    Term(
        "transformer",
        "A network for sequences in which every element can look at every other one; it uses layer"
        " norm (Vaswani et al. 2017).",
        "relatives",
    ),
    Term(
        "unit",
        "One element of a layer: it multiplies its inputs by weights, adds them up, and passes the"
        " sum through an activation function.",
        "home",
    ),
    Term(
        "validation",
        "Testing between or after the steps of training, on samples that are not trained on.",
        "modes",
    ),
    Term(
        "vanishing",
        "Said of a signal or gradient that shrinks at every layer until nothing is left.",
        "signals",
        ("vanish", "vanishes", "vanished"),
    ),
    Term(
        "variance",
        "The mean of the squared distances of values from their mean.",
        "transform",
    ),
    Term(
        "variance shift",
        "A difference between the variance in training and that in inference, made by dropout in"
        " front of BN (Li et al. 2019).",
        "placement",
    ),
    Term(
        "VGG",
        "A convolutional network of many small convolutions, without skip connections"
        " (Simonyan & Zisserman 2015).",
        "gradients",
    ),
    Term(
        "Wasserstein distance",
        "How far values must be carried, on average, to make one distribution into another.",
        "activations",
        ("1-Wasserstein distance",),
    ),
    Term("weight", "A learned number by which a unit multiplies one of its inputs.", "home"),
    Term(
        "weight decay",
        "Making all weights shorter at every step, by a small share: the decay times the learning"
        " rate.",
        "scale",
    ),
    Term(
        "weight standardization",
        "Giving the weights that come into each unit mean 0 and a fixed standard deviation, instead"
        " of its values (Qiao et al. 2019).",
        "relatives",
        ("standardized weights",),
    ),
    Term(
        "whitening",
        "Normalizing features and taking away their correlations too, which BN does not do.",
        "transform",
        ("whitens",),
    ),
    Term("width", "How many units each hidden layer has.", "race"),
)  # fmt: skip
"""In alphabetical order."""
