"""What BN and each of its relatives needs, and where it is used: a table."""

NEEDS = (
    (
        "normalizer", "mean and variance over", "needs a batch", "running averages",
        "parameters", "where it is used",
    ),
    (
        "BN", "samples, space", "in training", "yes", "γ, β",
        "image classification (Ioffe & Szegedy 2015), ResNets (He et al. 2016)",
    ),
    (
        "Batch renormalization", "the same, shifted towards the running averages",
        "in training, less", "yes, in training too", "γ, β",
        "small or skewed batches (Ioffe 2017)",
    ),
    (
        "Layer norm", "channels, space", "no", "no", "γ, β",
        "recurrent networks (Ba et al. 2016), transformers (Vaswani et al. 2017)",
    ),
    (
        "Instance norm", "space", "no", "no", "γ, β, or none",
        "style transfer (Ulyanov et al. 2016)",
    ),
    (
        "Group norm", "a group of channels, space", "no", "no", "γ, β",
        "detection, segmentation, video, where memory allows few images (Wu & He 2018)",
    ),
    (
        "Switchable norm", "a learned mixture of BN, layer and instance norm", "in training",
        "yes", "γ, β, and 6 for each layer",
        "classification, detection, segmentation (Luo et al. 2018)",
    ),
    (
        "RMSNorm", "channels, space: the mean of the squares, no mean", "no", "no", "γ",
        "translation (Zhang & Sennrich 2019), language models such as LLaMA (see Zhu et al. 2025)",
    ),
    (
        "DyT", "nothing: each value by itself", "no", "no", "γ, β, and α for each layer",
        "proposed for transformers (Zhu et al. 2025); whether it is as good is disputed (Verma"
        " 2026)",
    ),
    (
        "Weight standardization", "the weights into each unit, no values", "no", "no",
        "none of its own",
        "batches of one or two images, with group norm behind it (Qiao et al. 2019); networks"
        " without normalization (Brock et al. 2021)",
    ),
)  # fmt: skip
"""The names of the columns, then a row for each; the first cell names it."""
