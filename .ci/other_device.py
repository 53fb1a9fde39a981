#!/usr/bin/env python
"""Runs a `colorgan` command on a device that is not the CPU: `python .ci/other_device.py train photos/ --device other --precision fp32`.

The device is called 'other'. Its numbers lie in the CPU's memory and are calculated there, but its tensors refuse to be mixed
with the CPU's, as a GPU's do. So a machine without a GPU finds the tensor that was forgotten on the wrong side. It says nothing
about a GPU's speed, its rounding, its random states, mixed precision or several of them, and what is saved there is loaded as
the CPU's. `nbs/10a_runs` trains on it."""
import functools, os, sys

import torch
from torch.utils._pytree import tree_leaves, tree_map
try: from torch.utils.backend_registration import _DummyBackendModule, _setup_privateuseone_for_python_backend
except ImportError: sys.exit(f'PyTorch {torch.__version__} does not let Python be a device; from 2.9 on it does')

aten = torch.ops.aten
ACROSS = {aten._to_copy.default, aten.copy_.default}          # what may join both sides
INDEXING = {aten.index.Tensor, aten.index_put.default, aten.index_put_.default, aten._index_put_impl_.default, aten._unsafe_index.Tensor}
JOINING = {aten.stack.default, aten.cat.default}                            # these take no number from the CPU either


class Backend(_DummyBackendModule):
    "What PyTorch asks of a device."
    def device_count(self): return 1
    def current_device(self): return 0
    def synchronize(self, device=None): pass
    def get_amp_supported_dtype(self): return [torch.bfloat16]
    def manual_seed(self, seed): pass
    def manual_seed_all(self, seed): pass
    def get_rng_state(self, device=None): return torch.zeros(16, dtype=torch.uint8)
    def set_rng_state(self, state, device=None): pass


class Other(torch.Tensor):
    "A tensor that says that it is elsewhere; `held` is where its numbers are."
    @staticmethod
    def __new__(cls, held):
        other = torch.Tensor._make_wrapper_subclass(cls, held.shape, strides=held.stride(), storage_offset=held.storage_offset(), dtype=held.dtype, device='other:0')
        other.held = held
        return other

    def __repr__(self, **options): return f'Other({self.held})'
    def tolist(self): return self.held.tolist()
    def __reduce_ex__(self, protocol): return self.held.__reduce_ex__(protocol)

    def __deepcopy__(self, memo):
        copied = Other(self.held.detach().clone())
        memo[id(self)] = copied = torch.nn.Parameter(copied, self.requires_grad) if isinstance(self, torch.nn.Parameter) else copied
        return copied

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, op, types, args=(), kwargs=None): return calculated(op, args, kwargs or {})


def check_sides(op, args, others: list, cpu: list, generator=None):
    "Raise as a GPU's kernels do. Numbers without a dimension, and indices, may come from the CPU."
    if not others or op in ACROSS: return
    if generator is not None and generator.device.type == 'cpu': raise RuntimeError(f"Expected a generator of the tensors' device, but {op} was given the CPU's")
    if op in INDEXING and isinstance(args[0], Other) and not any(isinstance(v, torch.Tensor) and not isinstance(v, Other) and v.dim() for v in args[2:]): return
    if any(t.dim() for t in cpu) or (cpu and op in JOINING) or op in INDEXING: raise RuntimeError(f"Expected all tensors to be on the same device, but {op} was given the CPU's: {[list(t.shape) for t in cpu]}")


def calculated(op, args, kwargs):
    "Calculate on the CPU, and keep the answer on the side that it belongs to."
    tensors = [t for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor)]
    others = [t for t in tensors if isinstance(t, Other)]
    check_sides(op, args, others, [t for t in tensors if not isinstance(t, Other)], kwargs.get('generator'))
    device = kwargs.get('device')
    stays = bool(others) if device is None else torch.device(device).type == 'other'
    def on_cpu(x): return x.held if isinstance(x, Other) else torch.device('cpu') if isinstance(x, torch.device) else x
    answer = op(*tree_map(on_cpu, args), **{name: False if name == 'pin_memory' else tree_map(on_cpu, value) for name, value in kwargs.items()})
    if any(t.shape != t.held.shape for t in others): raise NotImplementedError(f"{op} changes a shape in place")
    known = {id(t.held): t for t in others} | {id(t): t for t in tensors if not isinstance(t, Other)}        # operations in place hand their argument back
    return tree_map(lambda t: known.get(id(t)) if id(t) in known else Other(t) if stays and isinstance(t, torch.Tensor) else t, answer)


def let_fastai_subclass():
    "fastai's typed tensors are classes, too: a `TensorPhoto` elsewhere is both."
    from fastai.torch_core import TensorBase
    plain_cast = torch._C.TensorBase.as_subclass

    @functools.cache
    def both(kind):
        return type(f'Other{kind.__name__}', (Other, kind), dict(__torch_function__=classmethod(kind.__torch_function__.__func__), plain=kind))

    def as_subclass(self, kind):
        if not isinstance(self, Other): return plain_cast(self, getattr(kind, 'plain', torch.Tensor) if issubclass(kind, Other) else kind)
        with torch._C.DisableTorchFunctionSubclass(): out = aten.alias.default(self)
        out.__class__ = Other if kind in (torch.Tensor, Other) else kind if issubclass(kind, Other) else both(kind)
        return out

    def set_meta(self, x, as_copy=False):
        held = self.__dict__.get('held')
        self.__dict__ = {name: value for name, value in x.__dict__.items() if name != 'held'} | ({} if held is None else dict(held=held))

    torch.as_subclass, TensorBase.set_meta = as_subclass, set_meta
    torch.Tensor.as_subclass = Other.as_subclass = lambda self, kind: as_subclass(self, kind)


def begin():
    "Make the device known to PyTorch, whose interface for that is experimental (`torch.utils.backend_registration`)."
    torch.set_num_threads(1)
    _setup_privateuseone_for_python_backend('other', Backend())
    global library, ranges                                                       # they work as long as they live
    library, ranges = torch.library.Library('_', 'IMPL'), torch.library.Library('aten', 'IMPL')
    library.fallback(lambda op, *args, **kwargs: calculated(op, args, kwargs), 'PrivateUse1')     # for what makes tensors of nothing
    for op in (aten.arange.default, aten.arange.start, aten.arange.start_step, aten.linspace.default):                        # else they would resize an empty one
        ranges.impl(op, lambda *args, op=op, **kwargs: calculated(op, args, kwargs), 'PrivateUse1')
    torch._C._set_only_lift_cpu_tensors(True)                                    # `torch.tensor` calculates on the CPU first
    let_fastai_subclass()


if __name__ == '__main__':
    begin()
    from colorgan_fastai.cli import main
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)                                                              # PyTorch, when it ends, may still call what Python has thrown away
