"""What tasks would make again and again: importing this makes it, in the template that they are forked from.

What they would only carry with them is let go.
"""

from importlib import import_module

from clipzy_server.analysis.sound.yamnet import CLASSES
from clipzy_server.analysis.words.networks import FINDER, READER
from clipzy_server.domain.codec import learn
from clipzy_server.domain.job import Stage
from clipzy_server.domain.style import StyleDna
from clipzy_server.media.bitcode import forget_bitcode

for _stage in Stage:
    _module = import_module(f"{__package__}.{_stage.value}")
    learn(_module.Inputs)
    learn(_module.Outputs)
learn(StyleDna)
for _network in (CLASSES, FINDER, READER):
    _network.look_up()
forget_bitcode()
# Where the bitcode was there is room for it now. It takes 30 ms in each child that has a network.
import_module("onnxruntime")
