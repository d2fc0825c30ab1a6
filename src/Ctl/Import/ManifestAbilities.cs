namespace HaGrpc.Ctl.Import;

/// <summary>What this version's manifests can say. What they cannot is listed as not carried over. A field that is switched on here and that
/// the manifest's reader does not know is taken out again and reported.</summary>
internal static class ManifestAbilities
{
    /// <summary>The field <c>checks</c> of a group.</summary>
    internal static bool Checks => false;

    /// <summary>The field <c>sync_group</c> of a group.</summary>
    internal static bool SyncGroups => false;
}
