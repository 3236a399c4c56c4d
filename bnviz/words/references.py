"""Every paper, book and data set that the app cites."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Reference:
    """One source. In the text it is cited by surnames and year, see `heads`."""

    authors: tuple[str, ...]  # as they sign, the surname last
    year: int
    title: str
    venue: str
    link: str

    @property
    def surnames(self) -> tuple[str, ...]:
        return tuple(name.rsplit(" ", 1)[-1] for name in self.authors)

    @property
    def cited(self) -> str:
        """How it is cited: "Ioffe & Szegedy (2015)"."""
        first, *others = self.surnames
        if len(others) > 1:
            return f"{first} et al. ({self.year})"
        return f"{' & '.join((first, *others))} ({self.year})"

    @property
    def anchor(self) -> str:
        """Of its entry on the glossary page, as Streamlit makes it from the heading."""
        return anchor(self.cited.replace("&", "and"))

    @property
    def heads(self) -> tuple[str, ...]:
        """The ways to name its authors in front of the year."""
        first, *others = self.surnames
        if not others:
            return (first,)
        named = ", ".join((first, *others[:-1]))
        ways = [f"{named} & {others[-1]}", f"{named} and {others[-1]}"]
        if len(others) > 1:
            ways += [f"{first} et al.", f"{first} and colleagues"]
        return tuple(ways)

    @property
    def full(self) -> str:
        """Authors, year, title, venue and link, in Markdown."""
        *others, last = self.authors
        named = f"{', '.join(others)} & {last}" if others else last
        return f"{named} ({self.year}). *{self.title}.* [{self.venue}]({self.link})."


@cache
def anchor(heading: str) -> str:
    """What Streamlit calls a heading of letters, digits and signs: ReLU is re-lu."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", heading)
    return re.sub(r"[^a-z0-9]+", "-", parted.lower()).strip("-")


def _arxiv(number: str) -> str:
    return f"https://arxiv.org/abs/{number}"


REFERENCES = (
    Reference(
        ("Stefan Aeberhard", "Michele Forina"),
        1992,
        "Wine",
        "UCI Machine Learning Repository, CC BY 4.0",
        "https://doi.org/10.24432/C5PC7J",
    ),
    Reference(
        ("Ethem Alpaydin", "Cenk Kaynak"),
        1998,
        "Optical Recognition of Handwritten Digits",
        "UCI Machine Learning Repository, CC BY 4.0",
        "https://doi.org/10.24432/C50P49",
    ),
    Reference(
        ("Sanjeev Arora", "Zhiyuan Li", "Kaifeng Lyu"),
        2018,
        "Theoretical Analysis of Auto Rate-Tuning by Batch Normalization",
        "arXiv:1812.03981; ICLR 2019",
        _arxiv("1812.03981"),
    ),
    Reference(
        ("Jimmy Lei Ba", "Jamie Ryan Kiros", "Geoffrey E. Hinton"),
        2016,
        "Layer Normalization",
        "arXiv:1607.06450",
        _arxiv("1607.06450"),
    ),
    Reference(
        ("Johan Bjorck", "Carla Gomes", "Bart Selman", "Kilian Q. Weinberger"),
        2018,
        "Understanding Batch Normalization",
        "NeurIPS 2018; arXiv:1806.02375",
        _arxiv("1806.02375"),
    ),
    Reference(
        ("Andrew Brock", "Soham De", "Samuel L. Smith"),
        2021,
        "Characterizing signal propagation to close the performance gap in unnormalized ResNets",
        "ICLR 2021; arXiv:2101.08692",
        _arxiv("2101.08692"),
    ),
    Reference(
        ("Mingzhi Chen", "Taiming Lu", "Jiachen Zhu", "Mingjie Sun", "Zhuang Liu"),
        2025,
        "Stronger Normalization-Free Transformers",
        "arXiv:2512.10938",
        _arxiv("2512.10938"),
    ),
    Reference(
        ("Youngmin Cho", "Lawrence K. Saul"),
        2009,
        "Kernel Methods for Deep Learning",
        "NIPS 2009",
        "https://papers.nips.cc/paper/2009/hash/5751ec3e9a4feab575962e78e006250d-Abstract.html",
    ),
    Reference(
        ("Tim Cooijmans", "Nicolas Ballas", "César Laurent", "Çağlar Gülçehre", "Aaron Courville"),
        2017,
        "Recurrent Batch Normalization",
        "ICLR 2017; arXiv:1603.09025",
        _arxiv("1603.09025"),
    ),
    Reference(
        ("Hadi Daneshmand", "Jonas Kohler", "Francis Bach", "Thomas Hofmann", "Aurelien Lucchi"),
        2020,
        "Batch Normalization Provably Avoids Rank Collapse for Randomly Initialised Deep Networks",
        "NeurIPS 2020; arXiv:2003.01652",
        _arxiv("2003.01652"),
    ),
    Reference(
        ("Hadi Daneshmand", "Amir Joudaki", "Francis Bach"),
        2021,
        "Batch Normalization Orthogonalizes Representations in Deep Random Networks",
        "NeurIPS 2021; arXiv:2106.03970",
        _arxiv("2106.03970"),
    ),
    Reference(
        ("Jonathan Frankle", "David J. Schwab", "Ari S. Morcos"),
        2021,
        "Training BatchNorm and Only BatchNorm: On the Expressive Power of Random Features in CNNs",
        "ICLR 2021; arXiv:2003.00152",
        _arxiv("2003.00152"),
    ),
    Reference(
        ("Xavier Glorot", "Yoshua Bengio"),
        2010,
        "Understanding the difficulty of training deep feedforward neural networks",
        "AISTATS 2010, PMLR 9:249–256",
        "https://proceedings.mlr.press/v9/glorot10a.html",
    ),
    Reference(
        ("Ian Goodfellow", "Yoshua Bengio", "Aaron Courville"),
        2016,
        "Deep Learning",
        "MIT Press",
        "https://www.deeplearningbook.org",
    ),
    Reference(
        ("Richard R. Hake",),
        1998,
        "Interactive-engagement versus traditional methods: A six-thousand-student survey of"
        " mechanics test data for introductory physics courses",
        "American Journal of Physics 66(1):64–74",
        "https://doi.org/10.1119/1.18809",
    ),
    Reference(
        ("Kaiming He", "Xiangyu Zhang", "Shaoqing Ren", "Jian Sun"),
        2015,
        "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet"
        " Classification",
        "ICCV 2015; arXiv:1502.01852",
        _arxiv("1502.01852"),
    ),
    Reference(
        ("Kaiming He", "Xiangyu Zhang", "Shaoqing Ren", "Jian Sun"),
        2016,
        "Deep Residual Learning for Image Recognition",
        "CVPR 2016; arXiv:1512.03385",
        _arxiv("1512.03385"),
    ),
    Reference(
        ("Sepp Hochreiter", "Jürgen Schmidhuber"),
        1997,
        "Long Short-Term Memory",
        "Neural Computation 9(8):1735–1780",
        "https://doi.org/10.1162/neco.1997.9.8.1735",
    ),
    Reference(
        ("Elad Hoffer", "Itay Hubara", "Daniel Soudry"),
        2017,
        "Train longer, generalize better: closing the generalization gap in large batch training"
        " of neural networks",
        "NIPS 2017; arXiv:1705.08741",
        _arxiv("1705.08741"),
    ),
    Reference(
        ("Sergey Ioffe",),
        2017,
        "Batch Renormalization: Towards Reducing Minibatch Dependence in Batch-Normalized Models",
        "NIPS 2017; arXiv:1702.03275",
        _arxiv("1702.03275"),
    ),
    Reference(
        ("Sergey Ioffe", "Christian Szegedy"),
        2015,
        "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate"
        " Shift",
        "ICML 2015, PMLR 37:448–456; arXiv:1502.03167",
        _arxiv("1502.03167"),
    ),
    Reference(
        ("Diederik P. Kingma", "Jimmy Ba"),
        2015,
        "Adam: A Method for Stochastic Optimization",
        "ICLR 2015; arXiv:1412.6980",
        _arxiv("1412.6980"),
    ),
    Reference(
        ("Alex Krizhevsky",),
        2009,
        "Learning Multiple Layers of Features from Tiny Images",
        "Technical report, University of Toronto",
        "https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf",
    ),
    Reference(
        ("Yann LeCun", "Léon Bottou", "Yoshua Bengio", "Patrick Haffner"),
        1998,
        "Gradient-Based Learning Applied to Document Recognition",
        "Proceedings of the IEEE 86(11):2278–2324",
        "https://doi.org/10.1109/5.726791",
    ),
    Reference(
        ("Hao Li", "Zheng Xu", "Gavin Taylor", "Christoph Studer", "Tom Goldstein"),
        2018,
        "Visualizing the Loss Landscape of Neural Nets",
        "NeurIPS 2018; arXiv:1712.09913",
        _arxiv("1712.09913"),
    ),
    Reference(
        ("Xiang Li", "Shuo Chen", "Xiaolin Hu", "Jian Yang"),
        2019,
        "Understanding the Disharmony between Dropout and Batch Normalization by Variance Shift",
        "CVPR 2019; arXiv:1801.05134",
        _arxiv("1801.05134"),
    ),
    Reference(
        ("Zhiyuan Li", "Sanjeev Arora"),
        2020,
        "An Exponential Learning Rate Schedule for Deep Learning",
        "ICLR 2020; arXiv:1910.07454",
        _arxiv("1910.07454"),
    ),
    Reference(
        ("Ilya Loshchilov", "Frank Hutter"),
        2017,
        "SGDR: Stochastic Gradient Descent with Warm Restarts",
        "ICLR 2017; arXiv:1608.03983",
        _arxiv("1608.03983"),
    ),
    Reference(
        ("Ping Luo", "Jiamin Ren", "Zhanglin Peng", "Ruimao Zhang", "Jingyu Li"),
        2018,
        "Differentiable Learning-to-Normalize via Switchable Normalization",
        "arXiv:1806.10779; ICLR 2019",
        _arxiv("1806.10779"),
    ),
    Reference(
        ("Kyle Luther",),
        2020,
        "Why Batch Norm Causes Exploding Gradients",
        "A blog post",
        "https://kyleluther.github.io",
    ),
    Reference(
        ("Siyuan Qiao", "Huiyu Wang", "Chenxi Liu", "Wei Shen", "Alan Yuille"),
        2019,
        "Micro-Batch Training with Batch-Channel Normalization and Weight Standardization",
        "arXiv:1903.10520",
        _arxiv("1903.10520"),
    ),
    Reference(
        ("Olivier Roy", "Martin Vetterli"),
        2007,
        "The Effective Rank: A Measure of Effective Dimensionality",
        "EUSIPCO 2007",
        "https://www.eurasip.org/Proceedings/Eusipco/Eusipco2007/Papers/a5p-h05.pdf",
    ),
    Reference(
        ("Olga Russakovsky", "Jia Deng", "Hao Su", "Jonathan Krause", "Sanjeev Satheesh",
         "Sean Ma", "Zhiheng Huang", "Andrej Karpathy", "Aditya Khosla", "Michael Bernstein",
         "Alexander C. Berg", "Li Fei-Fei"),
        2015,
        "ImageNet Large Scale Visual Recognition Challenge",
        "International Journal of Computer Vision 115:211–252; arXiv:1409.0575",
        _arxiv("1409.0575"),
    ),
    Reference(
        ("Shibani Santurkar", "Dimitris Tsipras", "Andrew Ilyas", "Aleksander Mądry"),
        2018,
        "How Does Batch Normalization Help Optimization?",
        "NeurIPS 2018; arXiv:1805.11604",
        _arxiv("1805.11604"),
    ),
    Reference(
        ("Sheng Shen", "Zhewei Yao", "Amir Gholami", "Michael W. Mahoney", "Kurt Keutzer"),
        2020,
        "PowerNorm: Rethinking Batch Normalization in Transformers",
        "ICML 2020, PMLR 119:8741–8751; arXiv:2003.07845",
        _arxiv("2003.07845"),
    ),
    Reference(
        ("Karen Simonyan", "Andrew Zisserman"),
        2015,
        "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        "ICLR 2015; arXiv:1409.1556",
        _arxiv("1409.1556"),
    ),
    Reference(
        ("Nitish Srivastava", "Geoffrey Hinton", "Alex Krizhevsky", "Ilya Sutskever",
         "Ruslan Salakhutdinov"),
        2014,
        "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
        "Journal of Machine Learning Research 15:1929–1958",
        "https://jmlr.org/papers/v15/srivastava14a.html",
    ),
    Reference(
        ("Felix Stollenwerk",),
        2026,
        "On the Mathematical Relationship Between Layer Normalization and Dynamic Activation"
        " Functions",
        "EACL 2026; arXiv:2503.21708",
        _arxiv("2503.21708"),
    ),
    Reference(
        ("Christian Szegedy", "Wei Liu", "Yangqing Jia", "Pierre Sermanet", "Scott Reed",
         "Dragomir Anguelov", "Dumitru Erhan", "Vincent Vanhoucke", "Andrew Rabinovich"),
        2015,
        "Going Deeper with Convolutions",
        "CVPR 2015; arXiv:1409.4842",
        _arxiv("1409.4842"),
    ),
    Reference(
        ("Dmitry Ulyanov", "Andrea Vedaldi", "Victor Lempitsky"),
        2016,
        "Instance Normalization: The Missing Ingredient for Fast Stylization",
        "arXiv:1607.08022",
        _arxiv("1607.08022"),
    ),
    Reference(
        ("Ashish Vaswani", "Noam Shazeer", "Niki Parmar", "Jakob Uszkoreit", "Llion Jones",
         "Aidan N. Gomez", "Łukasz Kaiser", "Illia Polosukhin"),
        2017,
        "Attention Is All You Need",
        "NIPS 2017; arXiv:1706.03762",
        _arxiv("1706.03762"),
    ),
    Reference(
        ("Lucky Verma",),
        2026,
        "When Does Removing LayerNorm Help? Activation Bounding as a Regime-Dependent Implicit"
        " Regularizer",
        "arXiv:2604.23434",
        _arxiv("2604.23434"),
    ),
    Reference(
        ("William Wolberg", "Olvi Mangasarian", "Nick Street", "W. Nick Street"),
        1993,
        "Breast Cancer Wisconsin (Diagnostic)",
        "UCI Machine Learning Repository, CC BY 4.0",
        "https://doi.org/10.24432/C5DW2B",
    ),
    Reference(
        ("Yuxin Wu", "Kaiming He"),
        2018,
        "Group Normalization",
        "ECCV 2018; arXiv:1803.08494",
        _arxiv("1803.08494"),
    ),
    Reference(
        ("Yuxin Wu", "Justin Johnson"),
        2021,
        "Rethinking “Batch” in BatchNorm",
        "arXiv:2105.07576",
        _arxiv("2105.07576"),
    ),
    Reference(
        ("Ruibin Xiong", "Yunchang Yang", "Di He", "Kai Zheng", "Shuxin Zheng", "Chen Xing",
         "Huishuai Zhang", "Yanyan Lan", "Liwei Wang", "Tie-Yan Liu"),
        2020,
        "On Layer Normalization in the Transformer Architecture",
        "ICML 2020; arXiv:2002.04745",
        _arxiv("2002.04745"),
    ),
    Reference(
        ("Greg Yang", "Jeffrey Pennington", "Vinay Rao", "Jascha Sohl-Dickstein",
         "Samuel S. Schoenholz"),
        2019,
        "A Mean Field Theory of Batch Normalization",
        "ICLR 2019; arXiv:1902.08129",
        _arxiv("1902.08129"),
    ),
    Reference(
        ("Biao Zhang", "Rico Sennrich"),
        2019,
        "Root Mean Square Layer Normalization",
        "NeurIPS 2019; arXiv:1910.07467",
        _arxiv("1910.07467"),
    ),
    Reference(
        ("Jiachen Zhu", "Xinlei Chen", "Kaiming He", "Yann LeCun", "Zhuang Liu"),
        2025,
        "Transformers without Normalization",
        "CVPR 2025; arXiv:2503.10622",
        _arxiv("2503.10622"),
    ),
)  # fmt: skip
"""In the order of their first authors."""
