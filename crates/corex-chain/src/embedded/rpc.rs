//! JSON-RPC 2.0 over HTTP: envelopes, batches and error codes. What the methods do is in `methods`.

use super::{
    filters::Filters,
    methods::{Params, dispatch},
    sealer::Core,
};
use alloy::primitives::Bytes;
use axum::{
    Router,
    body::Bytes as Body,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};
use std::sync::{Arc, Mutex};

/// Largest request body. The largest honest request is a contract deployment: 48 KiB of init code, in hex.
pub(super) const MAX_BODY: usize = 1 << 20;
/// Calls in one batch.
pub(super) const MAX_BATCH: usize = 256;

/// A JSON-RPC error object.
#[derive(Debug, Serialize)]
pub(super) struct RpcError {
    code: i64,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

impl RpcError {
    fn new(code: i64, message: String) -> Self {
        Self { code, message, data: None }
    }

    fn parse(message: String) -> Self {
        Self::new(-32700, message)
    }

    fn invalid_request(message: &str) -> Self {
        Self::new(-32600, message.into())
    }

    pub fn method_not_found(method: &str) -> Self {
        let shown: String = method.chars().take(64).collect();
        Self::new(-32601, format!("the method {shown} does not exist"))
    }

    pub fn invalid_params(message: String) -> Self {
        Self::new(-32602, message)
    }

    pub fn internal(message: String) -> Self {
        Self::new(-32603, message)
    }

    /// The call was understood and refused.
    pub fn server(message: String) -> Self {
        Self::new(-32000, message)
    }

    /// The EVM reverted; `data` is what it returned.
    pub fn reverted(message: String, data: &Bytes) -> Self {
        Self { code: 3, message, data: Some(Value::String(data.to_string())) }
    }
}

/// The RPC front of one chain.
pub(super) struct Rpc {
    core: Arc<Core>,
    filters: Mutex<Filters>,
}

impl Rpc {
    pub fn new(core: Arc<Core>) -> Self {
        Self { core, filters: Mutex::default() }
    }

    /// The routes: POST on `/`.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", post(answer))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(Arc::new(self))
    }

    /// One HTTP body in, one out. `None` when nothing is to be said: only notifications came.
    fn body(&self, body: &[u8]) -> Option<Value> {
        match serde_json::from_slice(body) {
            Err(e) => Some(failure(Value::Null, RpcError::parse(format!("not JSON: {e}")))),
            Ok(Value::Array(calls)) if calls.is_empty() => {
                Some(failure(Value::Null, RpcError::invalid_request("empty batch")))
            }
            Ok(Value::Array(calls)) if calls.len() > MAX_BATCH => {
                let message = format!("batch of {} calls, at most {MAX_BATCH}", calls.len());
                Some(failure(Value::Null, RpcError::invalid_request(&message)))
            }
            Ok(Value::Array(calls)) => {
                let answers: Vec<Value> = calls.into_iter().filter_map(|call| self.call(call)).collect();
                (!answers.is_empty()).then_some(Value::Array(answers))
            }
            Ok(call) => self.call(call),
        }
    }

    /// One call. `None` for a notification (a call without an id), which is carried out but not answered.
    fn call(&self, call: Value) -> Option<Value> {
        let Value::Object(mut call) = call else {
            return Some(failure(Value::Null, RpcError::invalid_request("a call is an object")));
        };
        let id = call.remove("id");
        let answer_id = match &id {
            Some(Value::String(_) | Value::Number(_) | Value::Null) => id.clone().unwrap_or_default(),
            None => Value::Null,
            Some(_) => {
                let wrong = RpcError::invalid_request("id is neither a string, a number nor null");
                return Some(failure(Value::Null, wrong));
            }
        };
        let params = call.remove("params");
        let result = match (call.get("jsonrpc"), call.get("method"), params) {
            (Some(Value::String(version)), ..) if version != "2.0" => {
                Err(RpcError::invalid_request("jsonrpc is not \"2.0\""))
            }
            (_, Some(Value::String(method)), params) => match params {
                None | Some(Value::Null) => self.dispatch(method, Vec::new()),
                Some(Value::Array(params)) => self.dispatch(method, params),
                Some(_) => Err(RpcError::invalid_params("params is not an array".into())),
            },
            _ => return Some(failure(answer_id, RpcError::invalid_request("no method name"))),
        };
        id.is_some().then(|| match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": answer_id, "result": result }),
            Err(error) => failure(answer_id, error),
        })
    }

    fn dispatch(&self, method: &str, params: Vec<Value>) -> Result<Box<RawValue>, RpcError> {
        dispatch(&self.core, &self.filters, method, &Params(params))
    }
}

fn failure(id: Value, error: RpcError) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": error })
}

async fn answer(State(rpc): State<Arc<Rpc>>, body: Body) -> Response {
    // Calls read the disk and run the EVM: not on the async threads.
    match tokio::task::spawn_blocking(move || rpc.body(&body)).await {
        Ok(Some(answer)) => {
            ([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
        }
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(e) => {
            let error = failure(Value::Null, RpcError::internal(e.to_string())).to_string();
            ([(header::CONTENT_TYPE, "application/json")], error).into_response()
        }
    }
}
