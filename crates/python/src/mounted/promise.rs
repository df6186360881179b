//! What Python awaits and the server's threads find out: futures of asyncio, settled from outside their loop.
//!
//! A thread of its own brings outcomes to the loops, as many at once as there are: it waits for the interpreter, so that
//! no thread of the server ever does. A future is always settled, also when the server ends before its work is done.

use std::{io, iter, sync::mpsc, thread};

use pyo3::{
    IntoPyObjectExt as _,
    exceptions::{PyConnectionError, PyRuntimeError},
    prelude::*,
    sync::PyOnceLock,
    types::{PyAny, PyCFunction},
};

use super::Line;

/// Says under the interpreter's lock what a future comes to.
type Outcome = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// The way to the thread that settles futures; it ends when nobody can send any more.
#[derive(Clone)]
pub(super) struct Courier(mpsc::Sender<Parcel>);

struct Parcel {
    event_loop: Py<PyAny>,
    future: Py<PyAny>,
    outcome: Outcome,
}

impl Courier {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives none.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, parcels) = mpsc::channel::<Parcel>();
        thread::Builder::new()
            .name("courier".to_owned())
            .spawn(move || {
                while let Ok(first) = parcels.recv() {
                    let all = iter::once(first).chain(parcels.try_iter());
                    let delivered = Python::try_attach(|py| {
                        for parcel in all {
                            parcel.deliver(py);
                        }
                    });
                    if delivered.is_none() {
                        // The interpreter is ending, and its loops with it.
                        return;
                    }
                }
            })?;
        Ok(Self(sender))
    }
}

impl Parcel {
    fn deliver(self, py: Python<'_>) {
        static SETTLE: PyOnceLock<Py<PyCFunction>> = PyOnceLock::new();
        let settle = SETTLE.get_or_try_init(py, || wrap_pyfunction!(settle, py).map(Bound::unbind));
        let (value, error) = match (self.outcome)(py) {
            Ok(value) => (value, py.None()),
            Err(error) => (py.None(), error.into_value(py).into_any()),
        };
        let Ok(settle) = settle else { return };
        let call = (settle, self.future, value, error);
        // A loop that is closed waits for nothing.
        let _ = self
            .event_loop
            .call_method1(py, "call_soon_threadsafe", call);
    }
}

/// Settles a future in its loop's thread, unless it was cancelled.
#[pyfunction]
fn settle(future: &Bound<'_, PyAny>, value: Py<PyAny>, error: &Bound<'_, PyAny>) -> PyResult<()> {
    if future.call_method0("done")?.is_truthy()? {
        return Ok(());
    }
    if error.is_none() {
        future.call_method1("set_result", (value,))?;
    } else {
        future.call_method1("set_exception", (error,))?;
    }
    Ok(())
}

/// A future that has to be settled.
struct Promise {
    courier: Courier,
    /// `None` once it is settled.
    owed: Option<(Py<PyAny>, Py<PyAny>)>,
}

impl Promise {
    fn settle(mut self, outcome: Outcome) {
        self.pay(outcome);
    }

    fn pay(&mut self, outcome: Outcome) {
        if let Some((event_loop, future)) = self.owed.take() {
            // Without a courier the interpreter is ending.
            let _ = self.courier.0.send(Parcel {
                event_loop,
                future,
                outcome,
            });
        }
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.pay(Box::new(|_| Err(stopped())));
    }
}

impl Line {
    /// A future of the running loop for what `work` comes to, which is done on the server's threads.
    ///
    /// # Errors
    /// When no loop runs in this thread.
    pub(super) fn promise<'py, T>(
        &self,
        py: Python<'py>,
        work: impl Future<Output = PyResult<T>> + Send + 'static,
    ) -> PyResult<Bound<'py, PyAny>>
    where
        T: for<'any> IntoPyObject<'any> + Send + 'static,
    {
        static RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let running_loop = RUNNING_LOOP.import(py, "asyncio", "get_running_loop")?;
        let event_loop = running_loop.call0()?;
        let future = event_loop.call_method0("create_future")?;
        let promise = Promise {
            courier: self.courier.clone(),
            owed: Some((event_loop.unbind(), future.clone().unbind())),
        };
        self.runtime.spawn(async move {
            let done = work.await;
            promise.settle(Box::new(move |py| done?.into_py_any(py)));
        });
        Ok(future)
    }
}

/// The server, or this connection to it, is no more.
pub(super) fn stopped() -> PyErr {
    PyConnectionError::new_err("the server has stopped")
}

/// A connection to the server broke off.
pub(super) fn broken(error: &dyn std::error::Error) -> PyErr {
    PyConnectionError::new_err(format!("the connection to the server broke off: {error}"))
}

/// Python calls things out of their order.
pub(super) fn out_of_order(what: &'static str) -> PyErr {
    PyRuntimeError::new_err(what)
}
