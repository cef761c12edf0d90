use async_trait::async_trait;

/// What holds opened texts and personal data in memory, and must let go of them once their subject is erased.
#[async_trait]
pub trait Memory: Send + Sync + 'static {
    /// Lets go of all that was opened with the key of `subject`; when this returns it gives nothing of that away.
    /// Doing it twice adds nothing.
    async fn forget(&self, subject: &str);
}
