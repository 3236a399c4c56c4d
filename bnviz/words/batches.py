"""When does it break?: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
BN's mean and variance are only as good as the mini-batch they come from. Here the same networks
are trained with batches from 2 to 32, **each on as many samples, with a learning rate in proportion
to its batch** (the knob sets it for 32). Beside BN stand two networks that never look at a sample's
neighbours: plain, and **layer norm**, which normalizes each sample over the units of its layer.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "A batch of one": {"batch_size": 1},
    "Two layers: BN does not help at any size": {"depth": 2},
    "One class in each batch": {"classes": 1, "depth": 2, "learning_rate": 0.1, "steps": 200},
}
GUESS = (
    "Same samples, same epochs: at which batch sizes is BN clearly less accurate than layer norm?"
)

CLOSER = {
    "company": "What does a prediction owe to its batch?",
    "sorted": "What if the batches are sorted by class?",
}

SORTED = """
Now batches of 32 that hold **a few classes only**, as when a file is sorted by label, one user's
photos follow another's, or an agent sees one room at a time. The statistics are not noisy, but
they are those of the wrong crowd. The thin dotted line is BN on mixed batches. **Batch
renormalization** mends BN's formula: it normalizes with running statistics in training too.
"""
COMPANY = """
Left, the training at this batch size. Right, one test sample in many batches of every size, each
time among other training samples: in training mode BN's answer belongs to the whole batch.
"""
FULL = (
    "The whole training: 4 epochs",
    """
All training samples four times, with batch renormalization as well, one batch size at a
time, from 32 down. Batches of 2 take thousands of updates, up to a minute.
""",
)

NOTES = {
    "How it is measured": """
**Batch sizes.** For each seed, all networks start from the same weights; at one batch size all of
them see the same mini-batches in the same order. All batch sizes see as many samples: batches of 2
make 16 times as many updates as batches of 32. The learning rate is that of the knob times batch
size / 32. Test error is measured in inference mode, with running averages (momentum 0.1, PyTorch's
convention). Lines are medians over the seeds, bands their range. This differs from the lesson
on noise, where all networks make the same steps on the same large batches and only the *chunk*
that shares its statistics shrinks: here the batch itself does, as it must where memory is short.

**Precise statistics.** At the end of training: mean and variance over 512 training samples, in
mini-batches of the size it was trained with, in place of the running averages. "Clearly" means 2
points of accuracy or more.

**Sorted batches.** At every step so many classes are drawn, and then 32 samples of these; all
classes come up equally often. The number of updates is half of that of batches of 2. "As in
training" is the accuracy on test samples in batches of 32 that hold as few classes (neighbouring
ones), with the statistics of each batch. For plain and layer norm it is the same number.

**Batch renormalization** starts as BN: (rmax, dmax) rises from (1, 0) to (3, 5) over the first half
of the updates.

**One image.** BN trained at the batch size of the knob, first seed. Networks with many weights are
tested on fewer samples and put into fewer batches.
""",
    "The mathematics": r"""
The mean of $m$ independent values of deviation $s$ strays by $s/\sqrt m$. With $m = 2$ every
normalized value is $+1$ or $-1$ (as long as the two differ by much more than $\sqrt\epsilon$), with
$m = 1$ it is $0$: the layer then passes on $\beta$, whatever comes in, and no gradient comes back.

**Layer normalization** (Ba et al. 2016) takes $\mu$ and $v$ of *one sample* over the units of its
layer, and has $\gamma$ and $\beta$ for each unit. There is no difference between training and
inference, and nothing to average.

**Batch renormalization** (Ioffe 2017) keeps BN and moves its output to where inference would put
it:

$$
\hat x = \frac{x-\mu_B}{s_B}\,r + d,\quad
r = \mathrm{sg}\Big(\mathrm{clip}\big(\tfrac{s_B}{s}, \tfrac1{r_{max}}, r_{max}\big)\Big),\quad
d = \mathrm{sg}\Big(\mathrm{clip}\big(\tfrac{\mu_B-\mu}{s}, -d_{max}, d_{max}\big)\Big),
$$

with the running $\mu$ and $s$; sg: no gradient goes through. With $r = 1$, $d = 0$ it is BN. Where
nothing is clipped, $\hat x = (x-\mu)/s$ exactly: training computes what inference computes.

**Precise BN:** $\mu = E[\mu_B]$ and $\sigma^2 = E[\mu_B^2 + v_B] - E[\mu_B]^2$, all with the same
weights.
""",
    "What the papers found": """
Ioffe (2017), who had introduced BN with Szegedy, names both weaknesses, small mini-batches and
mini-batches that are not independent draws, and proposes batch renormalization for them.

Wu & He (2018), ImageNet error in percent at batch 32, 16, 8, 4, 2 per worker: BN 23.6, 23.7, 24.8,
27.3, 34.7; group norm 24.1, 24.2, 24.0, 24.2, 24.1. At 32, layer norm has 25.3 and instance norm
28.4: on images BN is ahead as long as its batches are large.

Wu & Johnson (2021) look at what a "batch" is, in training and at inference, and propose precise
statistics for the latter.

Small networks on easy data, as here, are a mild case: the deeper the network, the sooner BN breaks,
and the more it helps where the batch is large.
""",
}
