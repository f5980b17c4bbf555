import torch
import torch.nn.functional as F
from memory import kept_for_backward

from dem_mmaction.models.relu6_product import ReLU6Product


def inputs(dtype=torch.float64):
    torch.manual_seed(0)
    d = 6 * torch.randn(3, 5, 2, 4, 4, dtype=dtype)  # both sides of 0 and 6
    return d.requires_grad_(), torch.randn_like(d).requires_grad_()


def test_equals_relu6_and_a_product():
    d, x = inputs()
    ours, plain = ReLU6Product.apply(d, x), F.relu6(d) * x
    assert torch.equal(ours, plain)
    weights = torch.randn_like(ours)
    for a, b in zip(
        torch.autograd.grad((ours * weights).sum(), (d, x)),
        torch.autograd.grad((plain * weights).sum(), (d, x)),
        strict=True,
    ):
        assert torch.equal(a, b)


def test_gradients_are_those_of_the_formula():
    assert torch.autograd.gradcheck(ReLU6Product.apply, inputs())


def test_keeps_its_inputs_alone():
    d, x = inputs()
    size = d.numel() * d.element_size()
    assert kept_for_backward(lambda: ReLU6Product.apply(d, x)) == 2 * size
    assert kept_for_backward(lambda: F.relu6(d) * x) == 3 * size
