namespace HaGrpc.Ctl.Connection;

/// <summary>The command line cannot be carried out as it is; the message says what would be right.</summary>
internal sealed class UsageException(string message) : Exception(message);
