//! The gradient of the coupling network's CPU kernel, registered with burn's autodiff.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};

use super::flex::{Hidden, Net};
use super::net::NetBackend;

#[derive(Debug)]
struct NetBackward;

impl Backward<Flex, 7> for NetBackward {
    type State = (Net, Hidden);

    fn backward(self, ops: Ops<Self::State, 7>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<Flex>(&ops.node);
        let (net, hidden) = ops.state;
        for (parent, grad) in ops.parents.into_iter().zip(net.backward(grad, &hidden)) {
            if let Some(parent) = parent {
                grads.register::<Flex>(parent.id, grad);
            }
        }
    }
}

impl<C: CheckpointStrategy> NetBackend for Autodiff<Flex, C> {
    fn net(
        x: FloatTensor<Self>,
        w0: FloatTensor<Self>,
        b0: FloatTensor<Self>,
        w1: FloatTensor<Self>,
        b1: FloatTensor<Self>,
        w2: FloatTensor<Self>,
        b2: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [&x, &w0, &b0, &w1, &b1, &w2, &b2].map(|tensor| tensor.node());
        let weights = [w0, b0, w1, b1, w2, b2].map(|weight| weight.into_primitive());
        let net = Net::new(x.into_primitive(), weights);
        match NetBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let mut hidden = Hidden::default();
                let y = net.forward(Some(&mut hidden));
                prep.finish((net, hidden), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(net.forward(None)),
        }
    }
}
