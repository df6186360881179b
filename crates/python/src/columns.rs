//! Rows in columns as Python's libraries take them, without a copy: Arrow's C data interface and NumPy's array interface.
//!
//! Both say where the memory lies and keep its owner alive. Where a row has no subject, object or cause, Arrow has a
//! null and NumPy the greatest number of the type.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchIterator, StructArray,
    UInt16Array, UInt32Array, UInt64Array,
    ffi::{FFI_ArrowArray, FFI_ArrowSchema, to_ffi},
    ffi_stream::FFI_ArrowArrayStream,
};
use pyo3::{
    exceptions::{PyIndexError, PyOverflowError, PyRuntimeError, PyTypeError},
    prelude::*,
    types::{PyCapsule, PyDict, PyTuple},
};

/// Schema and array, as `__arrow_c_array__` gives them.
pub(crate) type Capsules<'py> = (Bound<'py, PyCapsule>, Bound<'py, PyCapsule>);

/// One column.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Column {
    name: String,
    array: ArrayRef,
}

impl Column {
    pub(crate) fn of(batch: &RecordBatch, name: &str) -> Option<Self> {
        let array = Arc::clone(batch.column_by_name(name)?);
        let name = name.to_owned();
        Some(Self { name, array })
    }

    /// Where the values lie and how NumPy calls their type.
    fn place(&self) -> Option<(usize, &'static str)> {
        let any = self.array.as_any();
        if let Some(array) = any.downcast_ref::<Int64Array>() {
            return Some((array.values().as_ptr() as usize, "<i8"));
        }
        if let Some(array) = any.downcast_ref::<Float64Array>() {
            return Some((array.values().as_ptr() as usize, "<f8"));
        }
        if let Some(array) = any.downcast_ref::<UInt64Array>() {
            return Some((array.values().as_ptr() as usize, "<u8"));
        }
        if let Some(array) = any.downcast_ref::<UInt32Array>() {
            return Some((array.values().as_ptr() as usize, "<u4"));
        }
        let array = any.downcast_ref::<UInt16Array>()?;
        Some((array.values().as_ptr() as usize, "<u2"))
    }
}

#[pymethods]
impl Column {
    fn __len__(&self) -> usize {
        self.array.len()
    }

    /// What `numpy.asarray` reads.
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (address, kind) = self
            .place()
            .ok_or_else(|| PyRuntimeError::new_err("this column is no array of numbers"))?;
        let interface = PyDict::new(py);
        interface.set_item("version", 3)?;
        interface.set_item("typestr", kind)?;
        interface.set_item("shape", PyTuple::new(py, [self.array.len()])?)?;
        // `true`: NumPy may read it and not write it.
        interface.set_item("data", (address, true))?;
        Ok(interface)
    }

    /// What Arrow's libraries read.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Capsules<'py>> {
        let _ = requested_schema;
        array_capsules(py, &*self.array)
    }

    fn __repr__(&self) -> String {
        format!(
            "<pluriverse column {:?} of {} rows>",
            self.name,
            self.array.len()
        )
    }
}

/// A table as `__arrow_c_array__` gives it.
pub(crate) fn batch_capsules<'py>(py: Python<'py>, batch: &RecordBatch) -> PyResult<Capsules<'py>> {
    array_capsules(py, &StructArray::from(batch.clone()))
}

fn array_capsules<'py>(py: Python<'py>, array: &dyn Array) -> PyResult<Capsules<'py>> {
    let (array, schema): (FFI_ArrowArray, FFI_ArrowSchema) =
        to_ffi(&array.to_data()).map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    Ok((
        PyCapsule::new_with_value(py, schema, c"arrow_schema")?,
        PyCapsule::new_with_value(py, array, c"arrow_array")?,
    ))
}

/// A table as `__arrow_c_stream__` gives it, in one batch.
pub(crate) fn stream_capsule<'py>(
    py: Python<'py>,
    batch: &RecordBatch,
) -> PyResult<Bound<'py, PyCapsule>> {
    let reader = RecordBatchIterator::new([Ok(batch.clone())], batch.schema());
    let stream = FFI_ArrowArrayStream::new(Box::new(reader));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

/// A table's schema as `__arrow_c_schema__` gives it.
pub(crate) fn schema_capsule<'py>(
    py: Python<'py>,
    batch: &RecordBatch,
) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(&*batch.schema())
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}

/// The place that an index of Python means among `len` things.
///
/// # Errors
/// `IndexError` when there is none, `TypeError` when it is no index.
pub(crate) fn place(index: &Bound<'_, PyAny>, len: usize) -> PyResult<usize> {
    let found = match index.extract::<isize>() {
        Ok(index) if index < 0 => len.checked_sub(index.unsigned_abs()),
        Ok(index) => usize::try_from(index).ok(),
        Err(error) if error.is_instance_of::<PyOverflowError>(index.py()) => None,
        Err(_) => {
            let kind = index.get_type().name()?;
            return Err(PyTypeError::new_err(format!(
                "a {kind} is no index of rows, expected a whole number or a slice"
            )));
        }
    };
    let found = found.filter(|place| *place < len);
    found.ok_or_else(|| PyIndexError::new_err(format!("{index} is no index among {len} rows")))
}
