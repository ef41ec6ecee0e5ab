//! A module's parameters on the host, by their paths, such as `levels.0.steps.1.coupling.conv0.weight`.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Tensor, TensorData};

use crate::error::{Error, Result};
use crate::tensor_file::HostTensor;

/// Every parameter of a module, with its identity, by its path.
pub fn collect<M: Module>(module: &M) -> BTreeMap<String, (ParamId, HostTensor)> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    collector.parameters
}

#[derive(Default)]
struct Collector {
    path: Vec<String>,
    parameters: BTreeMap<String, (ParamId, HostTensor)>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let shape = tensor.dims().to_vec();
        let values = tensor.into_data().try_into_vec::<f32>().expect("f32");
        self.parameters.insert(self.path.join("."), (param.id, HostTensor { shape, values }));
    }
}

/// Puts values in the place of a module's parameters; all must be there and fit. `ids` gives parameters their identity
/// back, by path.
pub fn apply<M: Module>(module: M, tensors: BTreeMap<String, HostTensor>, ids: &BTreeMap<String, u64>) -> Result<M> {
    let mut applier = Applier { path: Vec::new(), tensors, ids, error: None };
    let module = module.map(&mut applier);
    match (applier.error, applier.tensors.keys().next()) {
        (Some(error), _) => Err(error),
        (None, Some(name)) => Err(Error::Weights(format!("'{name}' is no part of the model that it describes"))),
        (None, None) => Ok(module),
    }
}

struct Applier<'a> {
    path: Vec<String>,
    tensors: BTreeMap<String, HostTensor>,
    ids: &'a BTreeMap<String, u64>,
    error: Option<Error>,
}

impl ModuleMapper for Applier<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        let Some(HostTensor { shape, values }) = self.tensors.remove(&name) else {
            self.error = Some(Error::Weights(format!("'{name}' is missing")));
            return param;
        };
        let old = param.val();
        if shape != old.dims() {
            let expected = old.dims();
            self.error = Some(Error::Weights(format!("'{name}' has shape {shape:?} instead of {expected:?}")));
            return param;
        }
        let value = Tensor::<D>::from_data(TensorData::new(values, shape), &old.device())
            .set_require_grad(old.is_require_grad());
        match self.ids.get(&name) {
            Some(id) => Param::initialized(ParamId::from(*id), value),
            None => param.map(|_| value),
        }
    }
}
